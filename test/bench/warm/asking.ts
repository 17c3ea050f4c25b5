import { request } from 'undici';
import { creatorFields } from '../setUp.js';
import type { BareAnswer } from './bare.js';
import { neverSeen, page } from './documents.js';
import { marker } from './load.js';
import { requestText } from './loader.js';

const path = '/graphql';
const creatorsAtOnce = 20;

/** A POST as it goes over the wire. */
export function postOf(query: string, id: string): string {
  return requestText({ method: 'POST', path }, JSON.stringify({ query, variables: { id } }));
}

/** Makes the server pay for all sections of these creators, so that it has them from then on. */
export async function warmUp(url: string, ids: readonly string[]): Promise<void> {
  const query = `query WarmUp($ids: [ID!]!) { creators(ids: $ids) { ${creatorFields} } }`;
  for (let at = 0; at < ids.length; at += creatorsAtOnce) {
    await ask(url, { query, variables: { ids: ids.slice(at, at + creatorsAtOnce) } });
  }
}

/** What a page about each creator is answered with, to the byte. */
export async function pagesOf(url: string, ids: readonly string[]): Promise<readonly BareAnswer[]> {
  const answers: BareAnswer[] = [];
  for (const id of ids) answers.push(await ask(url, { query: page, variables: { id } }));
  return answers;
}

export function creatorIn({ body }: Pick<BareAnswer, 'body'>): object {
  return JSON.parse(body).data.creator;
}

/** Throws unless both servers answer the same data, byte for byte, to the page of each creator and to a new document. */
export async function expectSameData(url: string, other: string, ids: readonly string[]): Promise<void> {
  const documents = [page, neverSeen.replaceAll(marker, '0'.repeat(marker.length))];
  for (const query of documents) {
    for (const id of ids) {
      const [ours, theirs] = await Promise.all(
        [url, other].map(async (to) => dataIn(await ask(to, { query, variables: { id } }))),
      );
      if (ours !== theirs) throw new Error(`Expected ${other} to answer ${ours}, but got ${theirs}`);
    }
  }
}

function dataIn({ body }: BareAnswer): string {
  return JSON.stringify(JSON.parse(body).data);
}

async function ask(url: string, operation: object): Promise<BareAnswer> {
  const { statusCode, headers, body } = await request(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(operation),
  });
  const text = await body.text();
  if (statusCode !== 200 || text.includes('"errors"'))
    throw new Error(`Expected an answer without errors, but got ${statusCode} ${text}`);
  return {
    status: 200,
    headers: {
      'content-type': String(headers['content-type']),
      'content-length': String(Buffer.byteLength(text)),
    },
    body: text,
  };
}

/** What node:http sends by itself. */
const nodesOwnHeaders = new Set(['date', 'connection', 'keep-alive']);

/** A GET of a page that the client already has, and its answer. Null: the server sends no ETag. */
export async function conditionalGet(
  url: string,
  id: string,
): Promise<{ readonly request: string; readonly answer: BareAnswer } | null> {
  const query = new URLSearchParams({ query: page, variables: JSON.stringify({ id }) });
  const first = await request(`${url}?${query}`);
  await first.body.dump();
  const etag = first.headers['etag'];
  if (first.statusCode !== 200) throw new Error(`Expected a GET to be answered, but got ${first.statusCode}`);
  if (typeof etag !== 'string') return null;
  const again = await request(`${url}?${query}`, { headers: { 'if-none-match': etag } });
  await again.body.dump();
  if (again.statusCode !== 304)
    throw new Error(`Expected a 304 for its own ETag, but got ${again.statusCode}`);
  const headers = Object.entries(again.headers).filter(([name]) => !nodesOwnHeaders.has(name));
  return {
    request: requestText({ method: 'GET', path: `${path}?${query}`, headers: { 'if-none-match': etag } }),
    answer: {
      status: 304,
      headers: Object.fromEntries(headers.map(([name, value]) => [name, String(value)])),
      body: '',
    },
  };
}
