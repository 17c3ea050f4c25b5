import type { Section, SectionFacts } from '../client.js';
import type { EndpointName } from '../endpoints/table.js';
import { dataOf } from '../http/envelope.js';
import { JsonText } from '../jsonText.js';
import type { Answer, Entry, Subject } from './storedAnswer.js';

let lastSerial = 0;

/** A section as its endpoint's decoder reads it, with the answer that it is read from. */
export function entryOf({ endpoint, creatorId, platform }: Subject, answer: Answer, value: object): Entry {
  const { body, fetchedAtMs } = answer;
  const facts: SectionFacts = {
    endpoint: endpoint.name as EndpointName,
    creatorId,
    platform,
    hasData: body !== null,
    fetchedAt: new Date(fetchedAtMs),
    isStale: false,
    raw: body === null ? null : new JsonText(body),
  };
  lastSerial += 1;
  return { ...answer, section: { ...value, ...facts } as Section, serial: lastSerial, version: null };
}

/** Drift was told when it came. */
export function openAnswer(subject: Subject, answer: Answer): Entry {
  const { body } = answer;
  return entryOf(
    subject,
    answer,
    subject.endpoint.decode(body === null ? {} : dataOf(body), () => {}, answer.fetchedAtMs),
  );
}
