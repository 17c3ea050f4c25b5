import { describe, expect, it } from 'vitest';
import { audienceTouch } from '../../src/sandbox/bodies/audienceTouch.js';
import { stringify } from '../../src/sandbox/bodies/body.js';
import { cpMetrics } from '../../src/sandbox/bodies/cpMetrics.js';
import { prices } from '../../src/sandbox/bodies/prices.js';
import { profile } from '../../src/sandbox/bodies/profile.js';
import { recommendedVideos } from '../../src/sandbox/bodies/recommendedVideos.js';
import {
  createSandboxCreator,
  type SandboxCreator,
  type SandboxPlatform,
  sandboxPlatforms,
} from '../../src/sandbox/creators.js';
import { endpoints } from '../../src/upstream/endpoints/table.js';
import { readAnswer } from '../../src/upstream/http/envelope.js';
import { isObject, type Json, type JsonObject, parseJson } from '../../src/upstream/json.js';
import { type DocumentedEndpoint, documentedEndpoints } from '../documentedEndpoints.js';
import { decodedAtMs } from '../fixtures.js';

const bodies = { profile, prices, cpMetrics, recommendedVideos, audienceTouch };

/** One creator on one platform: what was made up, what is sent for it, and that read with plain JSON.parse. */
interface Answered {
  readonly creator: SandboxCreator;
  readonly sent: Readonly<Record<DocumentedEndpoint, string>>;
  readonly raw: RawBodies;
}

interface RawBodies {
  readonly profile: { readonly gender: number; readonly province: string; readonly core_user_id: string };
  readonly prices: { readonly price_info: readonly RawPrice[] };
  readonly cpMetrics: {
    readonly expect_cpm: Readonly<Record<string, string>>;
    readonly expect_cpe: Readonly<Record<string, string>>;
    readonly expect_vv: { readonly value: number };
  };
  readonly recommendedVideos: {
    readonly newest_videos?: readonly RawVideo[];
    readonly personal_hot_videos?: readonly RawVideo[];
    readonly personal_hot_video?: { readonly stats: { readonly watch_cnt: string } };
  };
  readonly audienceTouch: { readonly video_touch: readonly RawTouch[] };
}

interface RawPrice {
  readonly video_type: number;
  readonly price: number | string;
  readonly price_extra_info?: { readonly floor_price: string; readonly ceiling_price: string };
}

interface RawVideo {
  readonly core_user_id: string;
  readonly create_time: number;
  readonly title: string;
  readonly play: number;
  readonly like: number;
}

interface RawTouch {
  readonly distribution_data: { readonly cnt: number };
  readonly second_distribution?: readonly RawTouch[];
  readonly three_distribution?: readonly RawTouch[];
}

const ids = Array.from(
  { length: 300 },
  (_, index) => `${6_600_000_000_000_000_000n + BigInt(index) * 7_919_003n}`,
);
const everyAnswer = sandboxPlatforms.flatMap((platform) => ids.map((id) => answered(id, platform)));
const onShortVideo = everyAnswer.filter(({ creator }) => creator.platform === 'SHORT_VIDEO');

function answered(id: string, platform: SandboxPlatform): Answered {
  const creator = createSandboxCreator(id, platform);
  const query = new URLSearchParams({ oAuthorId: id, platform });
  const sent = perEndpoint((name) => stringify({ code: 0, data: bodies[name].data(query) }));
  return { creator, sent, raw: perEndpoint((name) => JSON.parse(sent[name]).data) as unknown as RawBodies };
}

function perEndpoint<Value>(make: (name: DocumentedEndpoint) => Value): Record<DocumentedEndpoint, Value> {
  return Object.fromEntries(documentedEndpoints.map((name) => [name, make(name)])) as Record<
    DocumentedEndpoint,
    Value
  >;
}

describe('the shape of a made-up body', () => {
  const isPlain = ({ creator }: Answered) => !creator.oddities.retyped && !creator.oddities.olderVideos;
  const everySample = perEndpoint((name) => comparable(bodies[name].sample as JsonObject));

  it.each<[string, (answer: Answered) => boolean, readonly string[]]>([
    [
      'is the sample’s, but for a price’s extra and a level left out',
      (answer) => isPlain(answer) && answer.creator.platform === 'SHORT_VIDEO',
      [
        'prices.price_info[] has price_extra_info',
        'audienceTouch.video_touch[].second_distribution[] lacks three_distribution',
      ],
    ],
    [
      'on other platforms lacks the durations of videos',
      (answer) => isPlain(answer) && answer.creator.platform !== 'SHORT_VIDEO',
      [
        'audienceTouch.video_touch[].second_distribution[] lacks three_distribution',
        'cpMetrics.expect_cpe lacks cpe_21_60',
        'cpMetrics.expect_cpe lacks cpe_60',
        'cpMetrics.expect_cpm lacks cpm_21_60',
        'cpMetrics.expect_cpm lacks cpm_60',
      ],
    ],
    [
      'has ids as numbers and amounts as strings where the creator is retyped',
      ({ creator }) =>
        creator.oddities.retyped && !creator.oddities.olderVideos && creator.platform === 'SHORT_VIDEO',
      [
        'profile.core_user_id is number, not string',
        'profile.follower is string, not number',
        'profile.id is number, not string',
        'profile.tags_relation is string, not array',
        'prices.price_info[] has price_extra_info',
        'prices.price_info[].price is string, not number',
        'recommendedVideos.masterpiece_videos[].item_id is number, not string',
        'recommendedVideos.newest_videos[].item_id is number, not string',
        'recommendedVideos.order_hot_videos[].item_id is number, not string',
        'recommendedVideos.personal_hot_videos[].item_id is number, not string',
        'audienceTouch.video_touch[].second_distribution[] lacks three_distribution',
      ],
    ],
    [
      'has single videos instead of lists where they are of the older shape',
      ({ creator }) =>
        creator.oddities.olderVideos && !creator.oddities.retyped && creator.platform === 'SHORT_VIDEO',
      [
        'prices.price_info[] has price_extra_info',
        'recommendedVideos has newest_video',
        'recommendedVideos has personal_hot_video',
        'recommendedVideos lacks masterpiece_videos',
        'recommendedVideos lacks newest_videos',
        'recommendedVideos lacks order_hot_videos',
        'recommendedVideos lacks personal_hot_videos',
        'audienceTouch.video_touch[].second_distribution[] lacks three_distribution',
      ],
    ],
  ])('%s', (_, isOfTheKind, expected) => {
    const answers = everyAnswer.filter(isOfTheKind);
    const found = answers.flatMap(({ raw }) =>
      documentedEndpoints.flatMap((name) =>
        misfits(comparable(raw[name] as unknown as JsonObject), everySample[name], name),
      ),
    );
    expect([...new Set(found)].sort()).toEqual([...expected].sort());
  });

  /** `tags_relation` is keyed by words, not by names; the sample's empty list holds videos like its other lists. */
  function comparable(data: JsonObject): JsonObject {
    const { tags_relation: relation, order_hot_videos: orderHot, newest_videos: newest } = data;
    return {
      ...data,
      ...(isObject(relation) ? { tags_relation: Object.values(relation) } : {}),
      ...(Array.isArray(orderHot) && orderHot.length === 0 && newest ? { order_hot_videos: newest } : {}),
    };
  }

  /** Where a value is not shaped as the sample: keys and JSON types. An item of a list may be as any of the sample's. */
  function misfits(value: Json, sample: Json, place: string): string[] {
    if (typeOf(value) !== typeOf(sample)) return [`${place} is ${typeOf(value)}, not ${typeOf(sample)}`];
    if (Array.isArray(value) && Array.isArray(sample)) {
      if (sample.length === 0) return [];
      return value.flatMap((item) => {
        const perSampleItem = sample.map((sampleItem) => misfits(item, sampleItem, `${place}[]`));
        return perSampleItem.reduce((best, next) => (next.length < best.length ? next : best));
      });
    }
    if (!isObject(value) || !isObject(sample)) return [];
    return [...new Set([...Object.keys(sample), ...Object.keys(value)])].flatMap((key) => {
      const [ours, theirs] = [value[key], sample[key]];
      if (ours === undefined) return [`${place} lacks ${key}`];
      if (theirs === undefined) return [`${place} has ${key}`];
      return misfits(ours, theirs, `${place}.${key}`);
    });
  }

  function typeOf(value: Json): string {
    return Array.isArray(value) ? 'array' : typeof value;
  }
});

describe('the figures of a made-up creator', () => {
  /** Yuan beside the fen of the same duration. Other platforms sell one thing only, told of under the shortest. */
  function byDuration({ creator, raw }: Answered): { duration: string; yuan: number }[] {
    const videoTypes = { '1_20': 1, '21_60': 2, '60': 71 };
    const rows = raw.prices.price_info;
    if (creator.platform !== 'SHORT_VIDEO') {
      return rows.map(({ price }) => ({ duration: '1_20', yuan: Number(price) }));
    }
    return Object.entries(videoTypes).flatMap(([duration, type]) =>
      rows
        .filter(({ video_type }) => video_type === type)
        .map(({ price }) => ({ duration, yuan: Number(price) })),
    );
  }

  const priced = everyAnswer.filter(({ creator }) => creator.prices !== null);

  it('give a CPM that is the price over the expected plays, in whole fen', () => {
    for (const answer of priced) {
      const { expect_cpm: cpm, expect_vv: plays } = answer.raw.cpMetrics;
      const expected = byDuration(answer).map(({ duration, yuan }) => [
        `cpm_${duration}`,
        `${(BigInt(yuan) * 100n * 1000n) / BigInt(plays.value)}`,
      ]);
      expect(cpm, answer.creator.id).toEqual(Object.fromEntries(expected));
    }
  });

  it('give CPEs that one number of engagements explains, 0.8 to 5.8 % of the expected plays', () => {
    for (const answer of priced) {
      const { expect_cpe: cpe, expect_vv: plays } = answer.raw.cpMetrics;
      const durations = byDuration(answer);
      expect(new Set(Object.keys(cpe))).toEqual(new Set(durations.map(({ duration }) => `cpe_${duration}`)));
      // Whole fen are truncated, so each CPE tells between which numbers the engagements lie.
      const fenOf = (duration: string) => Number(cpe[`cpe_${duration}`]);
      const least = durations.map(({ duration, yuan }) => (yuan * 100) / (fenOf(duration) + 1));
      const most = durations.map(({ duration, yuan }) => (yuan * 100) / fenOf(duration));
      expect(Math.max(...least, plays.value * 0.008), answer.creator.id).toBeLessThanOrEqual(
        Math.min(...most, plays.value * 0.058),
      );
    }
  });

  it('give neither CPM nor CPE without a price', () => {
    const unpriced = everyAnswer.filter(({ creator }) => creator.prices === null);
    const fen = unpriced.flatMap(({ raw }) => [
      ...Object.values(raw.cpMetrics.expect_cpm),
      ...Object.values(raw.cpMetrics.expect_cpe),
    ]);
    expect(new Set(fen)).toEqual(new Set(['0']));
  });

  it('split an audience so that 99.9 to 100 % of every category is in its children, at both levels', () => {
    const levels = { second_distribution: 0, three_distribution: 0 };
    const check = (parent: RawTouch) => {
      for (const level of ['second_distribution', 'three_distribution'] as const) {
        const children = parent[level];
        if (!children) continue;
        levels[level] += 1;
        const sum = children.reduce((total, { distribution_data }) => total + distribution_data.cnt, 0);
        expect(sum).toBeLessThanOrEqual(parent.distribution_data.cnt);
        expect(sum).toBeGreaterThanOrEqual(parent.distribution_data.cnt * 0.999);
        children.forEach(check);
      }
    };
    for (const { raw } of everyAnswer) raw.audienceTouch.video_touch.forEach(check);
    expect(levels.second_distribution).toBeGreaterThan(1_000);
    expect(levels.three_distribution).toBeGreaterThan(1_000);
  });

  it('are finite and not negative, and nothing is null', () => {
    const leaves = (value: Json): Json[] =>
      typeof value === 'object' && value !== null ? Object.values(value).flatMap(leaves) : [value];
    const all = everyAnswer.flatMap(({ sent }) =>
      documentedEndpoints.flatMap((name) => leaves(parseJson(sent[name]))),
    );
    expect(all.filter((leaf) => leaf === null || (typeof leaf === 'number' && leaf < 0))).toEqual([]);
    expect(all.filter((leaf) => /NaN|Infinity|undefined|^-\d/.test(String(leaf)))).toEqual([]);
  });

  it('are plausible: up to 50 million followers, prices under five million yuan', () => {
    const followers = everyAnswer.map(({ creator }) => creator.followers);
    expect(Math.min(...followers)).toBeGreaterThanOrEqual(20_000);
    expect(Math.max(...followers)).toBeLessThanOrEqual(50_000_000);
    const yuan = priced.flatMap((answer) => byDuration(answer).map((price) => price.yuan));
    expect(Math.min(...yuan)).toBeGreaterThanOrEqual(100);
    expect(Math.max(...yuan)).toBeLessThan(5_000_000);
  });

  it('are those of one person on every platform, with different expectations', () => {
    const [first, ...others] = sandboxPlatforms.map((platform) =>
      createSandboxCreator('6712345678901234567', platform),
    );
    const person = ({ uid, name, gender, city, followers, oddities }: SandboxCreator) =>
      JSON.stringify({ uid, name, gender, city, followers, oddities });
    for (const other of others) {
      expect(person(other)).toBe(person(first as SandboxCreator));
      expect(other.expectedPlays).not.toBe(first?.expectedPlays);
    }
  });
});

describe('a made-up video', () => {
  const plain = onShortVideo.filter(
    ({ creator: { oddities } }) => !oddities.retyped && !oddities.olderVideos,
  );

  it('has fewer likes than plays', () => {
    const videos = onShortVideo.flatMap(({ raw }) => raw.recommendedVideos.newest_videos ?? []);
    expect(videos.length).toBeGreaterThan(300);
    expect(videos.filter(({ like, play }) => like >= play)).toEqual([]);
  });

  it('is in order of time among the newest', () => {
    for (const { raw } of plain) {
      const times = raw.recommendedVideos.newest_videos?.map(({ create_time }) => create_time) ?? [];
      expect(times).toEqual(times.toSorted((a, b) => b - a));
    }
  });

  it('belongs to its creator, where it names one', () => {
    const filled = plain.filter(({ creator }) => !creator.oddities.bareVideos);
    expect(filled.length).toBeGreaterThan(50);
    for (const { raw } of filled) {
      const owners = raw.recommendedVideos.newest_videos?.map(({ core_user_id }) => core_user_id) ?? [];
      expect(new Set(owners)).toEqual(new Set([raw.profile.core_user_id]));
    }
  });
});

describe('of 300 creators, some but not all', () => {
  const videos = ({ raw }: Answered) => raw.recommendedVideos.personal_hot_videos ?? [];
  const touches = ({ raw }: Answered) =>
    raw.audienceTouch.video_touch.flatMap((top) => top.second_distribution ?? []);
  const hottestPlays = (answer: Answered) =>
    Math.max(
      ...videos(answer).map(({ play }) => play),
      Number(answer.raw.recommendedVideos.personal_hot_video?.stats.watch_cnt ?? 0),
    );
  const knownTypes = [1, 2, 71, 90, 91, 92, 103, 104, 105, 150];

  it.each<[string, (answer: Answered) => boolean]>([
    ['have no prices', ({ raw }) => raw.prices.price_info.length === 0],
    ['have a video with more plays than 2^31', (answer) => hottestPlays(answer) > 2 ** 31],
    ['have an unquoted id of 19 digits', ({ creator, sent }) => sent.profile.includes(`"id":${creator.id},`)],
    ['have unquoted video ids of 19 digits', ({ sent }) => /"item_id":\d{19}\b/.test(sent.recommendedVideos)],
    ['have the older shape of videos', ({ raw }) => raw.recommendedVideos.personal_hot_video !== undefined],
    ['have videos with nothing but filler', (answer) => videos(answer).some(({ title }) => title === '')],
    ['have videos that are filled', (answer) => videos(answer).some(({ title }) => title !== '')],
    [
      'sell a video of a type that nobody knows',
      ({ raw }) => raw.prices.price_info.some(({ video_type }) => !knownTypes.includes(video_type)),
    ],
    [
      'sell natural plays, with a floor under a ceiling',
      ({ raw }) =>
        raw.prices.price_info.some(
          ({ video_type, price_extra_info: extra }) =>
            video_type === 92 && extra && Number(extra.floor_price) < Number(extra.ceiling_price),
        ),
    ],
    [
      'lack the third level of an audience',
      (answer) => touches(answer).some(({ three_distribution }) => three_distribution === undefined),
    ],
    ['have a gender that is unknown', ({ raw }) => raw.profile.gender === 0],
    ['are men', ({ raw }) => raw.profile.gender === 1],
    ['are women', ({ raw }) => raw.profile.gender === 2],
    ['have no province', ({ raw }) => raw.profile.province === ''],
  ])('%s', (_, isSo) => {
    const count = onShortVideo.filter(isSo).length;
    expect(count).toBeGreaterThan(0);
    expect(count).toBeLessThan(300);
  });
});

describe('our decoders', () => {
  function dataOf(name: DocumentedEndpoint, { sent }: Answered): JsonObject {
    const body = readAnswer(
      endpoints[name],
      { status: 200, body: sent[name], retryAfter: null, isSandbox: true },
      0,
    );
    return body?.data ?? {};
  }

  it.each(documentedEndpoints)('read every body of %s without drift', (name) => {
    const drift: string[] = [];
    for (const answer of everyAnswer) {
      endpoints[name].decode(
        dataOf(name, answer),
        (what) => drift.push(`${answer.creator.id}: ${what}`),
        decodedAtMs,
      );
    }
    expect(drift).toEqual([]);
  });

  const silent = () => {};

  it('find the creator, whatever the types in the body', () => {
    for (const answer of everyAnswer) {
      const { creator } = answer;
      const data = dataOf('profile', answer);
      expect(String(data['id'])).toBe(creator.id);
      expect(endpoints.profile.decode(data, silent, decodedAtMs), creator.id).toMatchObject({
        name: creator.name,
        gender: (['UNKNOWN', 'MALE', 'FEMALE'] as const)[creator.gender],
        followerCount: creator.followers,
        province: creator.province || null,
        douyinUid: creator.uid,
        tags: [{ name: creator.tag, children: [expect.any(String)] }],
      });
    }
  });

  it('find the price of each duration', () => {
    for (const answer of onShortVideo) {
      const { creator } = answer;
      const { byDuration } = endpoints.prices.decode(dataOf('prices', answer), silent, decodedAtMs);
      const amounts = [byDuration.seconds1To20, byDuration.seconds21To60, byDuration.secondsOver60];
      const { short, medium, long } = creator.prices ?? {};
      expect(
        amounts.map((price) => price?.price?.amount),
        creator.id,
      ).toEqual([short, medium, long].map((yuan) => yuan?.toFixed(2)));
    }
  });

  it('find the expected plays, and what they cost where there are prices', () => {
    for (const answer of everyAnswer) {
      const { creator } = answer;
      const metrics = endpoints.cpMetrics.decode(dataOf('cpMetrics', answer), silent, decodedAtMs);
      expect(metrics.expectedPlayCount).toBe(creator.expectedPlays);
      expect(metrics.expectedCpm.seconds1To20 !== null, creator.id).toBe(creator.prices !== null);
    }
  });

  it('find new and hot videos, with their plays', () => {
    for (const answer of everyAnswer) {
      const { newest, personalHot } = endpoints.recommendedVideos.decode(
        dataOf('recommendedVideos', answer),
        silent,
        decodedAtMs,
      );
      for (const videos of [newest, personalHot]) {
        expect(videos.length, answer.creator.id).toBeGreaterThan(0);
        expect(
          videos.filter(({ id, playCount, createdAt }) => !/^\d{19}$/.test(id) || !playCount || !createdAt),
        ).toEqual([]);
      }
    }
  });

  it('find where the audience comes from', () => {
    for (const answer of everyAnswer) {
      const { categories } = endpoints.audienceTouch.decode(
        dataOf('audienceTouch', answer),
        silent,
        decodedAtMs,
      );
      expect(categories[0], answer.creator.id).toMatchObject({ name: '个人', count: expect.any(Number) });
      expect(categories[0]?.children.length).toBeGreaterThan(0);
    }
  });
});
