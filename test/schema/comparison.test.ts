import { describe, expect, it } from 'vitest';
import { cost, sandboxUpstream, startTestServer } from '../harness.js';

const searchQuery = `{
  searchCreators(
    filter: {
      contentTags: ["美妆"]
      locations: ["广东省"]
      followerCount: { min: 500000, max: 3000000 }
      price: { type: VIDEO_21_60S, max: "50000" }
    }
  ) {
    totalCount
    items { creator { id } province followerCount prices { seconds21To60 { amount } } tags { name } }
  }
}`;

const audienceQuery = `query ($ids: [ID!]!) {
  creators(ids: $ids) {
    id
    audience { dimensions(kinds: [GENDER]) { buckets { key share } } }
    profile { followerCount province }
    prices { byDuration { seconds21To60 { price { amount } } } }
  }
}`;

interface Item {
  readonly creator: { readonly id: string };
  readonly province: string | null;
  readonly followerCount: number;
  readonly prices: { readonly seconds21To60: { readonly amount: string } | null };
  readonly tags: readonly { readonly name: string }[];
}

describe('who looks for creators', () => {
  it('finds them by a filter, learns the price before, and compares the first ones, each call paid once', async () => {
    const upstream = await sandboxUpstream();
    const server = await startTestServer({ upstream });
    const dry = await server.ask(searchQuery, {}, { 'x-dry-run': '1' });
    expect(dry.errors?.[0]?.message).toBe('Dry run: 1 paid call; nothing was executed.');
    expect(upstream.calls).toEqual([]);

    const found = await server.ask(searchQuery);
    expect(found.errors).toBeUndefined();
    expect(found.extensions?.cost).toEqual(cost({ paidCalls: 1 }));
    const { items, totalCount } = found.data.searchCreators as { items: Item[]; totalCount: number };
    expect(items.length).toBe(Math.min(20, totalCount));
    expect(items.length).toBeGreaterThan(10);
    for (const { province, followerCount, prices, tags } of items) {
      expect(['广东省', null]).toContain(province);
      expect(tags.map(({ name }) => name)).toContain('美妆');
      expect(followerCount).toBeGreaterThanOrEqual(500_000);
      expect(followerCount).toBeLessThanOrEqual(3_000_000);
      expect(Number(prices.seconds21To60?.amount)).toBeLessThanOrEqual(50_000);
    }

    const ids = items.slice(0, 3).map(({ creator }) => creator.id);
    const dryAudience = await server.ask(audienceQuery, { ids }, { 'x-dry-run': '1' });
    expect(dryAudience.errors?.[0]?.message).toBe('Dry run: 9 paid calls; nothing was executed.');
    const compared = await server.ask(audienceQuery, { ids });
    expect(compared.errors).toBeUndefined();
    expect(compared.extensions?.cost).toEqual(cost({ paidCalls: 9 }));
    for (const [nth, { id, audience, profile, prices }] of compared.data.creators.entries()) {
      expect(id).toBe(ids[nth]);
      expect(profile.followerCount).toBe(items[nth]?.followerCount);
      expect(prices.byDuration.seconds21To60.price.amount).toBe(items[nth]?.prices.seconds21To60?.amount);
      for (const { buckets } of audience.dimensions) {
        const shares = buckets.map(({ share }: { share: number }) => share);
        expect(shares.reduce((sum: number, share: number) => sum + share, 0)).toBeCloseTo(1, 9);
      }
    }
    expect((await server.ask(searchQuery)).extensions?.cost).toEqual(cost({ cachedCalls: 1 }));
    expect((await server.ask(audienceQuery, { ids })).extensions?.cost).toEqual(cost({ cachedCalls: 9 }));
    expect(upstream.billed).toHaveLength(10);
  });
});
