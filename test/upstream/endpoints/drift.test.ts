import { describe, expect, it } from 'vitest';
import { audienceTouch } from '../../../src/sandbox/bodies/audienceTouch.js';
import { stringify } from '../../../src/sandbox/bodies/body.js';
import { cpMetrics } from '../../../src/sandbox/bodies/cpMetrics.js';
import { prices } from '../../../src/sandbox/bodies/prices.js';
import { profile } from '../../../src/sandbox/bodies/profile.js';
import { recommendedVideos } from '../../../src/sandbox/bodies/recommendedVideos.js';
import { sampleCreatorId } from '../../../src/sandbox/creators.js';
import filledItem from '../../../src/sandbox/samples/video-item-filled.json' with { type: 'json' };
import { callOf } from '../../../src/upstream/endpoints/call.js';
import { DriftRecord, expectedKeys, unknownKeys } from '../../../src/upstream/endpoints/drift.js';
import { type Platform, platforms } from '../../../src/upstream/endpoints/ofCreator.js';
import { shape } from '../../../src/upstream/endpoints/shape.js';
import { type EndpointName, endpoints } from '../../../src/upstream/endpoints/table.js';
import { type JsonObject, parseJson } from '../../../src/upstream/json.js';
import { documentedEndpoints } from '../../documentedEndpoints.js';
import { recordingLogger, testClock } from '../../fixtures.js';

const sandbox = { profile, prices, cpMetrics, recommendedVideos, audienceTouch };
const start = '2026-03-01T04:00:00Z';

/** A record, and what it logged. Bodies are of SHORT_VIDEO unless a platform is given. */
function startRecord() {
  const clock = testClock();
  const { logger, logs } = recordingLogger();
  const record = new DriftRecord(clock.now, logger);
  const note = (name: EndpointName, data: object, platform: Platform = 'SHORT_VIDEO') =>
    record.noteBody(callOf(name, { creatorId: sampleCreatorId, platform }), data as JsonObject);
  const noteTimes = (times: number, name: EndpointName, data: object, platform?: Platform) => {
    for (let nth = 0; nth < times; nth += 1) note(name, data, platform);
  };
  return { record, clock, logs, note, noteTimes };
}

const unknownIn = (name: EndpointName, data: object) =>
  unknownKeys(data as JsonObject, endpoints[name].shape);

/** As upstream would send it: `__proto__` is a plain key there. */
const json = (text: string) => parseJson(text) as JsonObject;

function without(body: object, key: string): object {
  return Object.fromEntries(Object.entries(body).filter(([name]) => name !== key));
}

describe('unknown keys', () => {
  it.each<[EndpointName, object, string[]]>([
    ['profile', { follower: 1, fans: 2 }, ['fans']],
    ['profile', { base_resp: { status_code: 0, log_id: 'x' } }, ['base_resp.log_id']],
    ['profile', { star_tags: [{ tag_type: 1, tag_name: 'x' }] }, ['star_tags[].tag_name']],
    ['profile', { tags_relation: { 游戏: ['any'], 旅行: { any: 1 } } }, []],
    ['prices', { price_info: [{ price: 1 }, { cost: 1 }, { cost: 2 }] }, ['price_info[].cost']],
    ['prices', { price_info: { cost: 1 } }, ['price_info[].cost']],
    ['prices', { price_info: [{ price_extra_info: { mid: 1 } }] }, ['price_info[].price_extra_info.mid']],
    ['prices', { price_info: [5, null, 'x', ['y']] }, []],
    ['prices', { price_info: '[{"cost":1}]' }, []],
    [
      'cpMetrics',
      { expect_cpm: { cpm_90: '1' }, hot_item: { rank: 1 } },
      ['expect_cpm.cpm_90', 'hot_item.rank'],
    ],
    ['cpMetrics', { expect_cpm: [{ cpm_90: '1' }], expect_cpe: 5, expect_vv: null }, []],
    [
      'recommendedVideos',
      { newest_videos: [{ mood: 1, stats: { sad: 1 } }], newest_video: { mood: 1 }, saddest_videos: [] },
      ['saddest_videos', 'newest_videos[].mood', 'newest_videos[].stats.sad', 'newest_video[].mood'],
    ],
    [
      'audienceTouch',
      { video_touch: [{ second_distribution: [{ three_distribution: [{ second_distribution: [] }] }] }] },
      ['video_touch[].second_distribution[].three_distribution[].second_distribution'],
    ],
    [
      'audienceTouch',
      {
        video_touch: [
          { distribution_data: { sum: 1 }, second_distribution: [{ distribution_data: { sum: 1 } }] },
        ],
      },
      ['video_touch[].distribution_data.sum', 'video_touch[].second_distribution[].distribution_data.sum'],
    ],
  ])('of a body of %s, %j, are %j', (name, data, paths) => {
    expect(unknownIn(name, data).toSorted()).toEqual(paths.toSorted());
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('include %s like any other', (key) => {
    const hostile = json(`{ "${key}": { "x": 1 }, "expect_cpm": { "${key}": 1 } }`);
    expect(unknownIn('cpMetrics', hostile)).toEqual([key, `expect_cpm.${key}`]);
    expect([...expectedKeys(hostile, shape({ reads: json(`{ "${key}": 1, "valueOf": 1 }`) }))]).toEqual([
      [key, true],
      ['valueOf', false],
    ]);
  });

  it.each([
    ['k'.repeat(100_000), 'k'.repeat(64)],
    ['a\u0000\u001b[31mb\nc\u0085d', 'a[31mbcd'],
    ['a\u202eb\u2028c\ufeff', 'abc'],
    ['\n', '(nameless)'],
    ['', '(nameless)'],
    [`${'k'.repeat(63)}😀`, 'k'.repeat(63)],
    ['粉丝 数', '粉丝 数'],
  ])('are shortened and stripped of control characters for the log: %j', (key, name) => {
    expect(unknownIn('prices', { price_info: [{ [key]: 1 }] })).toEqual([`price_info[].${name}`]);
  });

  it('are searched for in a bounded number of keys, rows and levels', () => {
    const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, nth) => [`key${nth}`, 1]));
    expect(unknownIn('profile', many)).toHaveLength(100);
    const alike = Object.fromEntries(Object.keys(many).map((key) => ['k'.repeat(64) + key, 1]));
    expect(unknownIn('profile', { ...alike, any: 1 })).toEqual(['k'.repeat(64)]);
    const rows = Array.from({ length: 51 }, (_, nth) => ({ [`key${nth}`]: 1 }));
    expect(unknownIn('prices', { price_info: rows })).toHaveLength(50);
    expect(unknownIn('prices', { price_info: rows })).not.toContain('price_info[].key50');
    const branches = rows.map(() => ({ second_distribution: rows }));
    expect(unknownIn('audienceTouch', { video_touch: branches })).toHaveLength(50);
    let deep: object = {};
    for (let level = 0; level < 50; level += 1) deep = { second_distribution: [deep] };
    expect(unknownIn('audienceTouch', { video_touch: [deep] })).toEqual([
      'video_touch[].second_distribution[].second_distribution',
    ]);
  });
});

describe('the shapes of the endpoints', () => {
  it.each(documentedEndpoints)(
    "contain every key of the vendor's sample of %s, and expect none that it lacks",
    (name) => {
      const sample = sandbox[name].sample as JsonObject;
      expect(unknownIn(name, sample)).toEqual([]);
      expect([...expectedKeys(sample, endpoints[name].shape)].filter(([, isThere]) => !isThere)).toEqual([]);
    },
  );

  it("contain every key of the vendor's filled video", () => {
    expect(unknownIn('recommendedVideos', { newest_videos: [filledItem] })).toEqual([]);
  });

  it.each(platforms)('find no drift in what the sandbox answers for %s', (platform) => {
    const { record, logs } = startRecord();
    for (let nth = 0; nth < 400; nth += 1) {
      const creatorId = `${6_600_000_000_000_000_000n + BigInt(nth)}`;
      for (const name of documentedEndpoints) {
        const call = callOf(name, { creatorId, platform });
        const query = new URLSearchParams(call.endpoint.query(call.args));
        record.noteBody(call, json(stringify(sandbox[name].data(query) ?? {})));
      }
    }
    expect(documentedEndpoints.flatMap((name) => record.of(name))).toEqual([]);
    expect(logs).toEqual([]);
  });
});

describe('the record of drift', () => {
  it("has a body that is another creator's, with the time of the first", () => {
    const { record, clock, note } = startRecord();
    const body = { ...profile.sample, id: '6611111111111111111' };
    for (const id of [sampleCreatorId, '0', '', null, 6611111111111111]) note('profile', { ...body, id });
    expect(record.of('profile')).toEqual([]);
    note('profile', body);
    clock.advance(60);
    note('profile', body);
    expect(record.of('profile')).toEqual([`id: another creator's since ${start}`]);
  });

  it('has an unknown key once, with the time of the first body', () => {
    const { record, clock, logs, note } = startRecord();
    note('profile', { fans: 1 });
    clock.advance(3_600.5);
    note('profile', { fans: 2, likes: 'secret' }, 'LIVE_STREAMING');
    expect(record.of('profile')).toEqual([
      `fans: unknown since ${start}`,
      'likes: unknown since 2026-03-01T05:00:00Z',
    ]);
    expect(record.of('prices')).toEqual([]);
    expect(logs.map((line) => JSON.parse(line))).toEqual(
      ['fans', 'likes'].map((key) => [
        'warn',
        { endpoint: 'profile', drift: `${key}: unknown` },
        "Upstream's body is not of the known shape",
      ]),
    );
  });

  it('has a key as missing when twenty bodies in a row lacked it, since the first of them', () => {
    const { record, clock, logs, note, noteTimes } = startRecord();
    const lacking = without(profile.sample, 'follower');
    clock.advance(60);
    note('profile', lacking);
    clock.advance(60);
    noteTimes(18, 'profile', lacking);
    expect(record.of('profile')).toEqual([]);
    noteTimes(3, 'profile', lacking);
    expect(record.of('profile')).toEqual(['follower: missing since 2026-03-01T04:01:00Z']);
    expect(logs).toHaveLength(1);
    expect(logs[0]).toContain('"drift":"follower: missing"');
  });

  it('counts anew after every body that has the key, even as null', () => {
    const { record, noteTimes, note } = startRecord();
    const lacking = without(cpMetrics.sample, 'hot_item');
    noteTimes(19, 'cpMetrics', lacking);
    note('cpMetrics', { ...lacking, hot_item: null });
    noteTimes(19, 'cpMetrics', lacking);
    expect(record.of('cpMetrics')).toEqual([]);
    note('cpMetrics', lacking);
    expect(record.of('cpMetrics')).toEqual([`hot_item: missing since ${start}`]);
  });

  it('drops a missing key once it is there again, and logs it again when it is missing again', () => {
    const { record, clock, logs, note, noteTimes } = startRecord();
    const whole = cpMetrics.sample;
    const lacking = without(whole as JsonObject, 'hot_item');
    noteTimes(20, 'cpMetrics', lacking);
    note('cpMetrics', whole);
    expect(record.of('cpMetrics')).toEqual([]);
    clock.advance(86_400);
    noteTimes(20, 'cpMetrics', lacking);
    expect(record.of('cpMetrics')).toEqual(['hot_item: missing since 2026-03-02T04:00:00Z']);
    expect(logs).toHaveLength(2);
  });

  it('expects a key in any of the rows, and nothing where there are none', () => {
    const { record, noteTimes } = startRecord();
    const [row = {}] = (prices.sample as { price_info: object[] }).price_info;
    const withRows = (...price_info: unknown[]) => ({ ...prices.sample, price_info });
    const lacking = without(row, 'desc');
    noteTimes(19, 'prices', withRows(lacking, lacking));
    noteTimes(30, 'prices', withRows());
    noteTimes(30, 'prices', withRows(5));
    expect(record.of('prices')).toEqual([]);
    noteTimes(1, 'prices', withRows(lacking));
    expect(record.of('prices')).toEqual([`price_info[].desc: missing since ${start}`]);
    noteTimes(1, 'prices', withRows(lacking, row));
    expect(record.of('prices')).toEqual([]);
  });

  it('has a missing object, but not the keys inside of it', () => {
    const { record, noteTimes } = startRecord();
    noteTimes(20, 'cpMetrics', without(cpMetrics.sample, 'expect_cpm'));
    expect(record.of('cpMetrics')).toEqual([`expect_cpm: missing since ${start}`]);
  });

  it('expects neither the older shapes nor keys that only some rows have', () => {
    const { record, noteTimes } = startRecord();
    const [row = {}] = (prices.sample as { price_info: object[] }).price_info;
    noteTimes(20, 'prices', { ...prices.sample, price_info: [without(row, 'start_time')] });
    noteTimes(20, 'recommendedVideos', { ...recommendedVideos.sample, newest_video: { id: '1' } });
    expect(record.of('prices')).toEqual([]);
    expect(record.of('recommendedVideos')).toEqual([]);
  });

  it.each(platforms.slice(1))('expects no key of %s, and does not count its bodies', (platform) => {
    const { record, note, noteTimes } = startRecord();
    const lacking = without(cpMetrics.sample, 'hot_item');
    noteTimes(19, 'cpMetrics', lacking);
    noteTimes(30, 'cpMetrics', lacking, platform);
    noteTimes(30, 'cpMetrics', cpMetrics.sample, platform);
    expect(record.of('cpMetrics')).toEqual([]);
    note('cpMetrics', lacking);
    expect(record.of('cpMetrics')).toEqual([`hot_item: missing since ${start}`]);
  });

  it('lists drift by endpoint, the oldest first', () => {
    const { record, clock, note } = startRecord();
    for (let nth = 0; nth < 20; nth += 1) {
      note('profile', without(profile.sample, 'city'));
      clock.advance(60);
      if (nth === 5) record.noteUnreadable('profile', 'star_tags[]');
    }
    note('profile', { ...profile.sample, id: '6611111111111111111', new_key: 1 });
    note('profile', profile.sample);
    note('prices', { new_key: 1 });
    expect(record.of('profile')).toEqual([
      'star_tags[]: unreadable since 2026-03-01T04:06:00Z',
      'new_key: unknown since 2026-03-01T04:20:00Z',
      "id: another creator's since 2026-03-01T04:20:00Z",
    ]);
    expect(record.of('prices')).toEqual(['new_key: unknown since 2026-03-01T04:20:00Z']);
  });

  it('lists a missing key before one that came after it was first missing', () => {
    const { record, clock, note } = startRecord();
    const body = without(cpMetrics.sample, 'hot_item');
    for (let nth = 0; nth < 20; nth += 1) {
      note('cpMetrics', nth === 10 ? { ...body, hot_items: [] } : body);
      clock.advance(60);
    }
    expect(record.of('cpMetrics')).toEqual([
      `hot_item: missing since ${start}`,
      'hot_items: unknown since 2026-03-01T04:10:00Z',
    ]);
  });

  it('has and logs a hundred entries of an endpoint at most, and no more than half of them unknown keys', () => {
    const { record, logs, note } = startRecord();
    for (let nth = 0; nth < 300; nth += 1) note('cpMetrics', { ...cpMetrics.sample, [`key${nth}`]: 1 });
    expect(record.of('cpMetrics')).toHaveLength(50);
    for (let nth = 0; nth < 300; nth += 1) record.noteUnreadable('cpMetrics', `list${nth % 150}[]`);
    expect(record.of('cpMetrics')).toHaveLength(100);
    expect(logs).toHaveLength(100);
    note('prices', { new_key: 1 });
    expect(record.of('prices')).toHaveLength(1);
  });
});
