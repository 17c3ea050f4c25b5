import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { Client, fetchExchange } from '@urql/core';
import { persistedExchange } from '@urql/exchange-persisted';
import { parse, print } from 'graphql';
import { describe, expect, it } from 'vitest';
import { listen } from '../../src/http.js';
import { atEnd } from '../fixtures.js';
import { startTestServer, testConfig } from '../harness.js';
import { matchOn, pageAt } from '../pages.js';

const id = '6629722295873044494';
const page = pageAt('docs/clients.md');

/** The `generateHash` that the page gives to this, as it stands. */
async function generateHashOf<T>(name: string): Promise<T> {
  const code = matchOn(page, new RegExp(`\`${name}\`\\s+\`generateHash: (.*?)\``));
  const module = await import(`data:text/javascript,${encodeURIComponent(`export default ${code}`)}`);
  return module.default;
}

/** A server that answers one document, and this by its hash alone. */
async function serverOfOne() {
  // As the client preset makes one for clients that want `__typename` in it.
  const document = parse(
    `query One { creator(id: "${id}") { __typename id profile { __typename id name } } }`,
  );
  const hash = createHash('sha256').update(print(document)).digest('hex');
  const folder = await mkdtemp(join(tmpdir(), 'manifest-'));
  atEnd(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'manifest.json'), JSON.stringify({ [hash]: print(document) }));
  const server = await startTestServer({ env: { PERSISTED_DOCUMENTS: folder, PERSISTED_ONLY: '1' } });
  const http = await listen(server.respond, testConfig({ PORT: '0' }));
  atEnd(() => http.close());
  return { server, url: `${http.origin}/graphql`, document: { ...document, __meta__: { hash } } };
}

const answer = { creator: { id, profile: { name: '张大仙' } } };

describe('a persisted document', () => {
  it("is asked by its hash through Apollo's PersistedQueryLink", async () => {
    const { server, url, document } = await serverOfOne();
    const hashing = new PersistedQueryLink({ generateHash: await generateHashOf('PersistedQueryLink') });
    const client = new ApolloClient({
      cache: new InMemoryCache(),
      link: ApolloLink.from([hashing, new HttpLink({ uri: url })]),
      defaultOptions: { query: { errorPolicy: 'all' }, watchQuery: { errorPolicy: 'all' } },
    });
    expect((await client.query({ query: document })).data).toMatchObject(answer);
    expect(server.calls).toEqual([`profile ${id} SHORT_VIDEO`]);
    client.stop();
  });

  it("is asked by its hash through urql's persistedExchange", async () => {
    const { server, url, document } = await serverOfOne();
    const hashing = persistedExchange({ generateHash: await generateHashOf('persistedExchange') });
    const client = new Client({ url, exchanges: [hashing, fetchExchange] });
    const { data, error } = await client.query(document, {}).toPromise();
    expect(error).toBeUndefined();
    expect(data).toMatchObject(answer);
    expect(server.calls).toEqual([`profile ${id} SHORT_VIDEO`]);
  });
});
