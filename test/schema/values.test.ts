import { expect, it } from 'vitest';
import pricesSample from '../../src/sandbox/samples/prices.json' with { type: 'json' };
import { scriptedUpstream, startTestServer } from '../harness.js';

const id = '6629722295873044494';
const call = `prices ${id} SHORT_VIDEO`;

it('reports an unreadable value by its key, once, and gives the rest', async () => {
  const row = { ...pricesSample.data.price_info[1], price: '面议 secret', end_time: '很久以后' };
  const price_info = [row, { ...row, price: '54,800', end_time: '2026-12-31' }];
  const upstream = await scriptedUpstream(() => ({
    body: JSON.stringify({ code: 0, data: { ...pricesSample.data, price_info } }),
  }));
  const server = await startTestServer({ upstream });
  const query = `{ creator(id: "${id}") { prices { items { price { amount } } byDuration { seconds21To60 { price { amount } } } } }
    upstream { endpoints { name drift } } }`;
  for (const _ of ['asked', 'asked again']) await server.ask(query);
  const { data } = await server.ask(query);
  expect(data.creator.prices).toEqual({
    items: [{ price: null }, { price: { amount: '54800.00' } }],
    byDuration: { seconds21To60: { price: { amount: '54800.00' } } },
  });
  const drift = data.upstream.endpoints.find(({ name }: { name: string }) => name === 'PRICES').drift;
  expect(drift.map((line: string) => line.replace(/ since .*/, ''))).toEqual([
    'price_info[].price: unreadable',
    'price_info[].end_time: unreadable',
  ]);
  expect(server.logs.filter((line) => line.includes('unreadable'))).toHaveLength(2);
  expect(server.logs.join()).not.toContain('secret');
  expect(upstream.calls).toEqual([call]);
});

it('gives titles that every parser accepts, also of one that is cut within an emoji and one with NUL', async () => {
  const videos =
    '{"item_id":"7608935920095612211","title":"生日\\ud83c"},{"item_id":"7608935920095612212","title":"a\\u0000b"}';
  const upstream = await scriptedUpstream(() => ({
    body: `{"code":0,"data":{"newest_videos":"[${videos.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}]","masterpiece_videos":[${videos}]}}`,
  }));
  const server = await startTestServer({ upstream });
  const { data } = await server.ask(
    `{ creator(id: "${id}") { recommendedVideos { newest { title } masterpieces { title } raw } } }`,
  );
  const titles = [{ title: '生日\ufffd' }, { title: 'ab' }];
  expect(data.creator.recommendedVideos).toMatchObject({ newest: titles, masterpieces: titles });
  expect(data.creator.recommendedVideos.raw.masterpiece_videos).toMatchObject(titles);
  expect(JSON.stringify(data)).not.toMatch(/(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/);
  expect(upstream.calls).toEqual([`recommendedVideos ${id} SHORT_VIDEO`]);
});
