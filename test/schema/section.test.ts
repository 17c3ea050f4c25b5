import { describe, expect, it } from 'vitest';
import sampleProfile from '../../src/sandbox/samples/profile.json' with { type: 'json' };
import { scriptedUpstream, startTestServer, success } from '../harness.js';

const id = '6629722295873044494';

describe('a section', () => {
  it('has its own id for each creator, endpoint and platform, whatever the age', async () => {
    const server = await startTestServer();
    const { data } = await server.ask(`{
      a: creator(id: "${id}") {
        profile { id } again: profile(maxAgeSeconds: 60) { id } prices { id } live: prices(platform: LIVE_STREAMING) { id }
      }
      b: creator(id: "6712345678901234567") { profile { id } }
    }`);
    expect(data.a.again.id).toBe(data.a.profile.id);
    const ids = [data.a.profile.id, data.a.prices.id, data.a.live.id, data.b.profile.id];
    expect(new Set(ids).size).toBe(4);
    expect(server.calls).toHaveLength(4);
  });

  it('has prices with ids that do not depend on the place or the price of a row, and differ between rows', async () => {
    const row = (video_type: number, price: number) => ({ video_type, price, enable: true, is_open: true });
    const upstream = await scriptedUpstream((_, nth) =>
      success({ price_info: nth === 1 ? [row(1, 100), row(2, 200)] : [row(2, 300), row(1, 400)] }),
    );
    const server = await startTestServer({ upstream });
    const fields =
      'items { id } byDuration { seconds1To20 { id } seconds21To60 { id } } cheapestAvailable { id }';
    const idsOf = async (args: string) => {
      const { data } = await server.ask(`{ creator(id: "${id}") { prices${args} { ${fields} } } }`);
      const { items, byDuration, cheapestAvailable } = data.creator.prices;
      return {
        byType: [byDuration.seconds1To20.id, byDuration.seconds21To60.id],
        listed: items.map((item: { id: string }) => item.id),
        cheapest: cheapestAvailable.id,
      };
    };
    const first = await idsOf('');
    const second = await idsOf('(maxAgeSeconds: 0)');
    const live = await idsOf('(platform: LIVE_STREAMING)');
    expect(first.listed).toEqual(first.byType);
    expect(second.listed).toEqual(first.byType.toReversed());
    expect([first.cheapest, second.cheapest]).toEqual([first.byType[0], first.byType[1]]);
    expect(new Set([...first.listed, ...live.listed]).size).toBe(4);
    expect(server.calls).toHaveLength(3);
  });

  it('has the platform that was asked for', async () => {
    const server = await startTestServer();
    const { data } = await server.ask(
      `{ creator(id: "${id}") { profile(platform: SHORT_DRAMA) { platform ... on Section { hasData } } } }`,
    );
    expect(data.creator.profile).toEqual({ platform: 'SHORT_DRAMA', hasData: true });
    expect(server.calls).toEqual([`profile ${id} SHORT_DRAMA`]);
  });

  it("holds upstream's own data as raw", async () => {
    const server = await startTestServer();
    const { data } = await server.ask(`{ creator(id: "${id}") { profile { raw } } }`);
    expect(data.creator.profile.raw).toEqual(sampleProfile.data);
    expect(server.calls).toEqual([`profile ${id} SHORT_VIDEO`]);
  });

  it('has every digit of a long number, in raw and in ids', async () => {
    const body = `{"code":0,"data":{"newest_videos":[{"item_id":7608935920095612211,"play":5}],"odd":1e400}}`;
    const upstream = await scriptedUpstream(() => ({ body }));
    const server = await startTestServer({ upstream });
    const { data } = await server.ask(
      `{ creator(id: "${id}") { recommendedVideos { raw newest { id url playCount } } } }`,
    );
    expect(data.creator.recommendedVideos).toEqual({
      raw: { newest_videos: [{ item_id: '7608935920095612211', play: 5 }], odd: '1e400' },
      newest: [
        {
          id: '7608935920095612211',
          url: 'https://www.douyin.com/video/7608935920095612211',
          playCount: 5,
        },
      ],
    });
    expect(upstream.calls).toHaveLength(1);
  });

  it('is served when its body names another creator, which is reported as drift', async () => {
    const upstream = await scriptedUpstream(() => ({
      body: { code: '0', data: { id: '6600000000000000000', nick_name: '别人' } },
    }));
    const server = await startTestServer({ upstream });
    const { data } = await server.ask(`{ creator(id: "${id}") { id profile { name } } }`);
    expect(data.creator).toEqual({ id, profile: { name: '别人' } });
    const status = await server.ask('{ upstream { endpoints { name drift } } }');
    expect(status.data.upstream.endpoints[0]).toEqual({
      name: 'PROFILE',
      drift: ["id: another creator's since 2026-03-01T04:00:00Z"],
    });
    expect(server.logs.join()).toContain('another creator');
    expect(upstream.calls).toHaveLength(1);
  });
});

describe('the five sections of the sample creator', () => {
  it("have the vendor's figures in our units", async () => {
    const server = await startTestServer();
    const { data, errors } = await server.ask(`{ creator(id: "${id}") {
      profile { name followerCount gender lowestPrice { amount currencyCode } joinedAt tags { name children } }
      prices {
        items { type price { amount } isAvailable validUntil }
        cheapestAvailable { type price { amount } }
        byDuration { seconds21To60 { price { amount } } }
        industryTags { name parent }
      }
      cpMetrics {
        expectedCpm { seconds1To20 { amount } secondsOver60 { amount } } expectedCpe { seconds1To20 { amount } }
        expectedPlayCount viralRate
      }
      recommendedVideos { newest { id playCount likeCount createdAt } sponsoredHot { id } }
      audienceTouch { categories { name count shareOfParent children { name shareOfParent } } }
    } }`);
    expect(errors).toBeUndefined();
    const { profile, prices, cpMetrics, recommendedVideos, audienceTouch } = data.creator;
    expect(profile).toEqual({
      name: '张大仙',
      followerCount: 42796417,
      gender: 'MALE',
      lowestPrice: { amount: '54800.00', currencyCode: 'CNY' },
      joinedAt: '2018-11-30T18:28:29.000Z',
      tags: [{ name: '游戏', children: ['游戏集锦'] }],
    });
    expect(prices.items).toHaveLength(7);
    expect(prices.items[0]).toEqual({
      type: 'VIDEO_1_20S',
      price: { amount: '263700.00' },
      isAvailable: true,
      validUntil: null,
    });
    expect(prices.cheapestAvailable).toEqual({ type: 'VIDEO_1_20S', price: { amount: '263700.00' } });
    expect(prices.byDuration).toEqual({ seconds21To60: { price: { amount: '659100.00' } } });
    expect(prices.industryTags[0]).toEqual({ name: '角色扮演', parent: '游戏' });
    expect(cpMetrics).toEqual({
      expectedCpm: { seconds1To20: { amount: '56.18' }, secondsOver60: { amount: '140.43' } },
      expectedCpe: { seconds1To20: { amount: '2.53' } },
      expectedPlayCount: 4693149,
      viralRate: 0.12,
    });
    expect(recommendedVideos).toEqual({
      newest: [
        {
          id: '7608935920095612211',
          playCount: 3020822,
          likeCount: null,
          createdAt: '2026-02-20T13:20:36.000Z',
        },
        {
          id: '7607135237205921062',
          playCount: 3387627,
          likeCount: null,
          createdAt: '2026-02-15T16:52:23.000Z',
        },
      ],
      sponsoredHot: [],
    });
    expect(audienceTouch.categories).toMatchObject([{ name: '个人', count: 12704028, shareOfParent: 1 }]);
    expect(audienceTouch.categories[0].children[4]).toEqual({
      name: '音乐',
      shareOfParent: 4946715 / 12704028,
    });
    expect(server.calls).toHaveLength(5);
  });
});
