import { fileURLToPath } from 'node:url';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { print } from 'graphql';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { type Answer, startTestServer, type TestServer } from '../harness.js';
import type { PriceType } from './generated/graphql.js';
import { graphql } from './generated/index.js';
import manifest from './generated/persisted-documents.json' with { type: 'json' };

const compareCreators = graphql(`
  query CompareCreators($ids: [ID!]!) {
    creators(ids: $ids) {
      id
      profile {
        name
        followerCount
        joinedAt
        mcn {
          name
        }
      }
      prices {
        items {
          type
          price {
            amount
          }
        }
      }
      cpMetrics {
        viralRate
        raw
      }
    }
  }
`);

describe('a document that codegen typed', () => {
  it('answers in the types it promised', async () => {
    const server = await startTestServer();
    const data = await run(server, compareCreators, { ids: ['6629722295873044494'] });

    const creator = data.creators[0];
    const profile = creator?.profile;
    const price = creator?.prices?.items[0];
    // Each fails to compile when the schema, or codegen.ts, gives the field another type.
    expectTypeOf(creator?.id).toEqualTypeOf<string | undefined>();
    expectTypeOf(profile?.name).toEqualTypeOf<string | null | undefined>();
    expectTypeOf(profile?.followerCount).toEqualTypeOf<number | null | undefined>();
    expectTypeOf(profile?.joinedAt).toEqualTypeOf<string | null | undefined>();
    expectTypeOf(price?.type).toEqualTypeOf<PriceType | undefined>();
    expectTypeOf(price?.price?.amount).toEqualTypeOf<string | undefined>();
    expectTypeOf(creator?.cpMetrics?.viralRate).toEqualTypeOf<number | null | undefined>();
    expectTypeOf(creator?.cpMetrics?.raw).toEqualTypeOf<Record<string, unknown> | null | undefined>();

    expect(creator?.id).toBe('6629722295873044494');
    expect(profile).toEqual({
      name: '张大仙',
      followerCount: 42796417,
      joinedAt: '2018-11-30T18:28:29.000Z',
      mcn: null,
    });
    expect(price).toEqual({ type: 'VIDEO_1_20S', price: { amount: '263700.00' } });
    expect(creator?.cpMetrics?.viralRate).toBe(0.12);
    expect([...server.calls].sort()).toEqual([
      'cpMetrics 6629722295873044494 SHORT_VIDEO',
      'prices 6629722295873044494 SHORT_VIDEO',
      'profile 6629722295873044494 SHORT_VIDEO',
    ]);
  });

  it('is asked by its hash alone, of a server that has the manifest and answers nothing else', async () => {
    const env = {
      PERSISTED_DOCUMENTS: fileURLToPath(new URL('generated', import.meta.url)),
      PERSISTED_ONLY: '1',
    };
    expect(Object.keys(manifest)).toContain(hashOf(compareCreators));
    // One in parts is not read as JSON.
    const whole = Object.entries(manifest).filter(([, text]) => !text.includes('@defer'));
    for (const [documentId, text] of whole) {
      const variables = { id: '6629722295873044494', ids: ['6629722295873044494'] };
      const sent = await startTestServer();
      const wanted = await sent.ask(text, variables);
      expect(wanted.errors).toBeUndefined();

      const server = await startTestServer({ env });
      expect(server.logs).toEqual([]);
      const posted = await server.fetch('/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ documentId, variables }),
      });
      expect(await posted.json()).toEqual(wanted);
      const address = new URLSearchParams({ documentId, variables: JSON.stringify(variables) });
      const got = (await (await server.fetch(`/graphql?${address}`)).json()) as Answer;
      expect(got.errors).toBeUndefined();
      expect(got.data).toEqual(wanted.data);
      expect([...server.calls].sort()).toEqual([...sent.calls].sort());
      expect(server.calls.length).toBeGreaterThan(0);
    }
  });
});

/** Where the client preset writes it, for a client that sends it instead of the text. */
function hashOf(document: object): string | undefined {
  return (document as { __meta__?: { hash: string } }).__meta__?.hash;
}

/** What a typed client does with a document: the result and the variables have the document's own types. */
async function run<Result, Variables extends object>(
  server: TestServer,
  document: TypedDocumentNode<Result, Variables>,
  variables: Variables,
): Promise<Result> {
  const { data } = await server.ask(print(document), variables);
  return data;
}
