import type { Call } from '../endpoints/call.js';
import { dataOf } from '../http/envelope.js';
import { JsonText } from '../jsonText.js';
import type { Section, SectionFacts } from '../section.js';
import type { Answer } from './storedAnswer.js';

/** An answer, with the section that its endpoint's decoder made of it, as that is while it is fresh. */
export interface Entry extends Answer {
  readonly section: Section;
  /** No other entry of this process has it. */
  readonly serial: number;
  /** In the store. Null: it is in none. Of two answers to one call the one with the higher version is the later. */
  readonly version: number | null;
}

let lastSerial = 0;

/** `value`: what the decoder made of the answer. */
export function entryOf({ endpoint, args, key }: Call, answer: Answer, value: object): Entry {
  const { body, fetchedAtMs, isSandbox } = answer;
  const facts = {
    endpoint: endpoint.name,
    args,
    key,
    hasData: body !== null,
    fetchedAt: new Date(fetchedAtMs),
    isStale: false,
    raw: body === null ? null : new JsonText(body),
  } as SectionFacts;
  lastSerial += 1;
  const section = { ...value, ...facts } as Section;
  return { body, fetchedAtMs, isSandbox, section, serial: lastSerial, version: null };
}

/** Decodes a stored answer. */
export function openAnswer(call: Call, answer: Answer): Entry {
  return entryOf(call, answer, decodedValue(call, answer));
}

/** What the decoder makes of a stored answer. Its drift was reported when it was fetched. */
export function decodedValue({ endpoint }: Call, { body, fetchedAtMs }: Answer): object {
  const data = body === null ? {} : dataOf(body);
  return endpoint.decode(data, () => {}, fetchedAtMs);
}
