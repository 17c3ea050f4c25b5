import type { ResultOf, VariablesOf } from 'gql.tada';
import { print } from 'graphql';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { graphql as typed } from '../../src/client/tada.js';
import { startTestServer } from '../harness.js';
import { creatorId as id } from './everySelection.js';

const compareCreators = typed(`
  query CompareCreators($ids: [ID!]!, $kinds: [DimensionKind!]) {
    creators(ids: $ids) {
      id
      profile { name followerCount joinedAt }
      prices { items { type price { amount } } }
      audience { dimensions(kinds: $kinds) { kind } }
      cpMetrics { viralRate raw }
    }
  }
`);

type Creator = NonNullable<ResultOf<typeof compareCreators>['creators'][number]>;
type Profile = NonNullable<Creator['profile']>;
type Price = NonNullable<Creator['prices']>['items'][number];

describe('a document that gql.tada typed', () => {
  it('answers in the types it promised', async () => {
    // Each fails to compile when the schema, or the scalars of tada.ts, give the field another type.
    expectTypeOf<Creator['id']>().toEqualTypeOf<string>();
    expectTypeOf<Profile['followerCount']>().toEqualTypeOf<number | null>();
    expectTypeOf<Profile['joinedAt']>().toEqualTypeOf<string | null>();
    expectTypeOf<NonNullable<Price['price']>['amount']>().toEqualTypeOf<string>();
    expectTypeOf<NonNullable<Creator['cpMetrics']>['raw']>().toEqualTypeOf<Record<string, unknown> | null>();
    expectTypeOf<'VIDEO_1_20S'>().toExtend<Price['type']>();
    // @ts-expect-error A field that was not selected.
    expectTypeOf<Profile['gender']>().toBeNever();

    const server = await startTestServer();
    const variables: VariablesOf<typeof compareCreators> = { ids: [id], kinds: ['GENDER'] };
    const { data, errors } = await server.ask(print(compareCreators), variables);
    expect(errors).toBeUndefined();
    expect(data.creators).toMatchObject([
      {
        id,
        profile: { name: '张大仙', followerCount: 42796417, joinedAt: '2018-11-30T18:28:29.000Z' },
        audience: { dimensions: [{ kind: 'GENDER' }] },
        cpMetrics: { viralRate: 0.12, raw: expect.any(Object) },
      },
    ]);
    expect(data.creators[0].prices.items[0]).toEqual({ type: 'VIDEO_1_20S', price: { amount: '263700.00' } });
    expect(server.calls).toHaveLength(4);
  });

  it('takes no variables of other types', () => {
    type Variables = VariablesOf<typeof compareCreators>;
    // @ts-expect-error An id is a string: a number would be rounded.
    const numbers: Variables = { ids: [66297222958730] };
    // @ts-expect-error No such kind.
    const kinds: Variables = { ids: [id], kinds: ['SHOE_SIZE'] };
    expect([numbers, kinds]).toHaveLength(2);
  });
});
