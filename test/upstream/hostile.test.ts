import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { type GraphQLNamedType, getNamedType, isLeafType, isObjectType } from 'graphql';
import { describe, expect, it } from 'vitest';
import { errorCodes } from '../../src/errors.js';
import { schema } from '../../src/schema/index.js';
import { expectedKeys, unknownKeys } from '../../src/upstream/endpoints/drift.js';
import { endpoints } from '../../src/upstream/endpoints/table.js';
import { UpstreamError } from '../../src/upstream/errors.js';
import { dataOf, readAnswer } from '../../src/upstream/http/envelope.js';
import { parseJson } from '../../src/upstream/json.js';
import { type DocumentedEndpoint, documentedEndpoints } from '../documentedEndpoints.js';
import { decodedAtMs } from '../fixtures.js';
import { cost, type Reply, scriptedUpstream, shortTimeout, startTestServer } from '../harness.js';
import { seed } from '../seed.js';

const id = '6629722295873044494';
const another = '6712345678901234567';

/** No retries: they have tests of their own. */
const noRetries = { UPSTREAM_RETRIES: '0' };

const sampleFiles: Readonly<Record<DocumentedEndpoint, string>> = {
  profile: 'profile',
  prices: 'prices',
  cpMetrics: 'cp-metrics',
  recommendedVideos: 'recommended-videos',
  audienceTouch: 'audience-touch',
};
const samples = Object.fromEntries(
  documentedEndpoints.map((name) => [
    name,
    readFileSync(new URL(`../../src/sandbox/samples/${sampleFiles[name]}.json`, import.meta.url), 'utf8'),
  ]),
) as Record<DocumentedEndpoint, string>;

const endpointOf = (call: string) => call.split(' ')[0] as DocumentedEndpoint;

/** Asks for `selection` of a creator whose answer is `reply`, and then for one whose answer is the sample. */
async function askHostile(reply: Reply, selection = 'profile { raw }', env: Record<string, string> = {}) {
  const upstream = await scriptedUpstream((call) =>
    call.includes(another) ? { body: samples[endpointOf(call)] } : reply,
  );
  const server = await startTestServer({ upstream, env: { ...noRetries, ...env } });
  const answer = await server.ask(`{ creator(id: "${id}") { ${selection} } }`);
  const calls = [...upstream.calls];
  const next = await server.ask(`{ creator(id: "${another}") { profile { name } } }`);
  expect(next).toEqual({
    data: { creator: { profile: { name: '张大仙' } } },
    extensions: { cost: cost({ paidCalls: 1 }) },
  });
  return { ...answer, calls };
}

/** Sends so many megabytes, as fast as the other side reads them. */
function pour(response: ServerResponse, megabytes: number): void {
  const piece = Buffer.alloc(1_048_576, '[');
  let left = megabytes;
  const more = () => {
    while (left > 0) {
      left -= 1;
      if (!response.write(piece)) return;
    }
    response.end();
  };
  response.on('drain', more);
  more();
}

const raw =
  (head: string): Reply =>
  (response) =>
    response.socket?.end(`${head}\r\n\r\n`);
const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
const profileBody = (members: string) => `{"code":0,"data":{"nick_name":"真",${members}}}`;

describe('an unusable answer fails its own field only, and the next call succeeds', () => {
  const cases: readonly [says: string, reply: Reply, code: string][] = [
    ['no JSON', { body: 'Service temporarily out of order' }, 'UPSTREAM_INVALID_RESPONSE'],
    ['JSON cut short', { body: samples.profile.slice(0, -9) }, 'UPSTREAM_INVALID_RESPONSE'],
    ['two bodies in one', { body: samples.profile.repeat(2) }, 'UPSTREAM_INVALID_RESPONSE'],
    ['empty', { body: '' }, 'UPSTREAM_INVALID_RESPONSE'],
    ['HTTP 204', { status: 204, body: '' }, 'UPSTREAM_INVALID_RESPONSE'],
    ['null', { body: 'null' }, 'UPSTREAM_INVALID_RESPONSE'],
    ['a list', { body: '[]' }, 'UPSTREAM_INVALID_RESPONSE'],
    ['a word', { body: '"x"' }, 'UPSTREAM_INVALID_RESPONSE'],
    ['a number', { body: '5' }, 'UPSTREAM_INVALID_RESPONSE'],
    ['data that is a word', { body: '{"code":0,"data":"x"}' }, 'UPSTREAM_INVALID_RESPONSE'],
    ['data that is a list', { body: '{"code":0,"data":[{"follower":1}]}' }, 'UPSTREAM_INVALID_RESPONSE'],
    ['a code that is an object', { body: '{"code":{},"data":{}}' }, 'UPSTREAM_INVALID_RESPONSE'],
    ['a code beyond any number', { body: '{"code":1e400,"data":{}}' }, 'UPSTREAM_INVALID_RESPONSE'],
    ['a code in words', { body: '{"code":"constructor","data":{}}' }, 'UPSTREAM_INVALID_RESPONSE'],
    ['its code under __proto__', { body: '{"__proto__":{"code":0,"data":{}}}' }, 'UPSTREAM_INVALID_RESPONSE'],
    ['an unknown code as a string', { body: '{"code":"999","data":{}}' }, 'UPSTREAM_REJECTED'],
    ['a negative code', { body: '{"code":-1,"data":null}' }, 'UPSTREAM_REJECTED'],
    ['UTF-16', { body: Buffer.from(samples.profile, 'utf16le') }, 'UPSTREAM_INVALID_RESPONSE'],
    [
      'nested a hundred levels deep',
      { body: profileBody(`"x":${nested(100)}`) },
      'UPSTREAM_INVALID_RESPONSE',
    ],
    ['nested 100,000 deep', { body: profileBody(`"x":${nested(100_000)}`) }, 'UPSTREAM_INVALID_RESPONSE'],
    ['nothing but opening brackets', { body: '['.repeat(8_000_000) }, 'UPSTREAM_INVALID_RESPONSE'],
    [
      'gzip that is no gzip',
      { body: samples.profile, headers: { 'content-encoding': 'gzip' } },
      'UPSTREAM_INVALID_RESPONSE',
    ],
    [
      'gzip that ends too soon',
      { body: gzipSync(samples.profile).subarray(0, -9), headers: { 'content-encoding': 'gzip' } },
      'UPSTREAM_INVALID_RESPONSE',
    ],
    [
      'a flood of headers',
      (response) => {
        for (let nth = 0; nth < 200; nth += 1) response.setHeader(`x-flood-${nth}`, 'x'.repeat(1_000));
        response.end(samples.profile);
      },
      'UPSTREAM_INVALID_RESPONSE',
    ],
    [
      'a length that is no number',
      raw('HTTP/1.1 200 OK\r\ncontent-length: lots'),
      'UPSTREAM_INVALID_RESPONSE',
    ],
    ['two lengths', raw('HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3'), 'UPSTREAM_UNAVAILABLE'],
    [
      'less than its length says',
      raw(`HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n${samples.profile}`),
      'UPSTREAM_UNAVAILABLE',
    ],
    [
      'chunks that are invalid',
      raw('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz'),
      'UPSTREAM_UNAVAILABLE',
    ],
    [
      'a change of protocol that nobody asked for',
      raw('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket'),
      'UPSTREAM_UNAVAILABLE',
    ],
  ];

  it.each(cases)('%s', async (_, reply, code) => {
    const { data, errors, calls } = await askHostile(reply);
    expect(data).toEqual({ creator: { profile: null } });
    expect(errors).toHaveLength(1);
    expect(errors).toMatchObject([
      { path: ['creator', 'profile'], extensions: { code, endpoint: 'profile' } },
    ]);
    expect(calls).toEqual([`profile ${id} SHORT_VIDEO`]);
  });

  it('of 200 MB is refused at 8 MB, and upstream can send little more', async () => {
    const sent: number[] = [];
    const { errors, calls } = await askHostile((response) => {
      const { socket } = response;
      response.once('close', () => sent.push(socket?.bytesWritten ?? 0));
      response.writeHead(200);
      pour(response, 200);
    });
    expect(errors?.[0]?.message).toContain('over 8 MB');
    expect(calls).toHaveLength(1);
    expect(sent).toHaveLength(1);
    // The operating system has buffers of its own.
    expect(sent[0]).toBeLessThan(24 * 1_048_576);
  });

  it('that is a gzip bomb of 100 MB is refused at 8 MB', async () => {
    const body = gzipSync(Buffer.alloc(100 * 1_048_576, ' '));
    const { errors, calls } = await askHostile({ body, headers: { 'content-encoding': 'gzip' } });
    expect(errors?.[0]?.message).toContain('over 8 MB');
    expect(calls).toHaveLength(1);
  });

  it('that trickles in fails when its time is up, and is not asked for again for a minute', async () => {
    let drips = 0;
    const upstream = await scriptedUpstream(() => (response) => {
      response.writeHead(200).write('{');
      const drip = setInterval(() => response.write(' ', () => (drips += 1)), 20);
      response.once('close', () => clearInterval(drip));
    });
    const server = await startTestServer({ upstream, env: shortTimeout });
    const query = `{ creator(id: "${id}") { profile { name } } }`;
    const error = (retryAfterSeconds: number) => ({
      data: { creator: { profile: null } },
      errors: [{ extensions: { code: 'UPSTREAM_TIMEOUT', retryable: true, retryAfterSeconds } }],
    });
    expect(await server.ask(query)).toMatchObject(error(60));
    expect(drips).toBeGreaterThan(2);
    server.clock.advance(59);
    expect(await server.ask(query)).toMatchObject(error(1));
    expect(upstream.calls).toHaveLength(1);
    server.clock.advance(1);
    expect(await server.ask(query)).toMatchObject(error(60));
    expect(upstream.calls).toHaveLength(2);
  });

  it('that sends early hints and nothing else fails when its time is up', async () => {
    const { errors, calls } = await askHostile(
      (response) => {
        const hints = setInterval(() => response.writeEarlyHints({ link: '</x>; rel=preload' }), 20);
        response.once('close', () => clearInterval(hints));
      },
      'profile { raw }',
      shortTimeout,
    );
    expect(errors).toMatchObject([{ extensions: { code: 'UPSTREAM_TIMEOUT' } }]);
    expect(calls).toHaveLength(1);
  });

  it.each([301, 302, 303, 307, 308])('that redirects (HTTP %d) is not followed', async (status) => {
    const elsewhere = await scriptedUpstream(() => ({ body: samples.profile }));
    const { errors, calls } = await askHostile({
      status,
      headers: { location: `${elsewhere.baseUrl}${endpoints.profile.path}` },
      body: '',
    });
    expect(errors).toMatchObject([{ extensions: { code: 'UPSTREAM_UNAVAILABLE' } }]);
    expect(calls).toHaveLength(1);
    expect(elsewhere.calls).toEqual([]);
  });
});

describe('an unusual answer that says something is read', () => {
  it.each([
    ['a byte order mark', Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(samples.profile)])],
    ['its code as a string', samples.profile.replace('"code": 0', '"code": "0"')],
    ['a wrong media type', samples.profile],
  ])('%s', async (_, body) => {
    const { data, errors, calls } = await askHostile(
      { body, headers: { 'content-type': 'text/html; charset=gbk' } },
      'profile { name followerCount }',
    );
    expect(errors).toBeUndefined();
    expect(data.creator.profile).toMatchObject({ name: '张大仙' });
    expect(data.creator.profile.followerCount).toBeGreaterThan(0);
    expect(calls).toHaveLength(1);
  });

  it('bytes that are not UTF-8 spoil their own characters only', async () => {
    const [before = '', after = ''] = profileBody('"city":"上?海","follower":7').split('?');
    const body = Buffer.concat([Buffer.from(before), Buffer.from([0xff, 0xc3]), Buffer.from(after)]);
    const { data, errors } = await askHostile({ body }, 'profile { city followerCount }');
    expect(errors).toBeUndefined();
    expect(data.creator.profile).toEqual({ city: '上\ufffd\ufffd海', followerCount: 7 });
  });

  it('the last value of a duplicate key counts', async () => {
    const body = `{"code":301,"data":{"follower":1},"code":0,"data":{"follower":2,"follower":3}}`;
    const { data, errors, calls } = await askHostile({ body }, 'profile { followerCount raw }');
    expect(errors).toBeUndefined();
    expect(data.creator.profile).toEqual({ followerCount: 3, raw: { follower: 3 } });
    expect(calls).toHaveLength(1);
  });

  it.each(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'])(
    'a key %s is like any other',
    async (key) => {
      const evil = `"${key}":{"polluted":true,"follower":9,"prototype":{"polluted":true}}`;
      const body = `{${evil},"code":0,"data":{${evil},"tags_relation":{${evil}},"tags":["${key}"]}}`;
      const { data, errors } = await askHostile(
        { body },
        'profile { raw followerCount tags { name children } }',
      );
      expect(errors).toBeUndefined();
      expect(Object.keys(data.creator.profile.raw)).toEqual([key, 'tags_relation', 'tags']);
      expect(data.creator.profile).toMatchObject({
        followerCount: null,
        tags: [{ name: key, children: [] }],
      });
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
      expect((Object as { polluted?: unknown }).polluted).toBeUndefined();
    },
  );

  it('numbers that do not fit a double lose no digit, and ids neither', async () => {
    const body = `{"code":0,"data":{"newest_videos":[
      {"item_id":7553989899192519974,"play":1e400,"like":99999999999999999999,"duration":-1e400,"share":-5},
      {"item_id":1e400}],"huge":[1e400,-1E+999,0.1234567890123456789]}}`;
    const { data, errors } = await askHostile(
      { body },
      'recommendedVideos { raw newest { id url playCount likeCount durationSeconds shareCount } }',
    );
    expect(errors).toBeUndefined();
    const { raw, newest } = data.creator.recommendedVideos;
    expect(newest).toEqual([
      {
        id: '7553989899192519974',
        url: 'https://www.douyin.com/video/7553989899192519974',
        playCount: null,
        likeCount: null,
        durationSeconds: null,
        shareCount: null,
      },
    ]);
    expect(raw.newest_videos[0].item_id).toBe('7553989899192519974');
    expect(raw.huge).toEqual(['1e400', '-1E+999', '0.1234567890123456789']);
  });

  const fillers = ['null', '0', '""', '[]', '[[]]', '[null]', '{}', '{"a":{}}'];
  it.each([...fillers, 'true', '-1', '1.5', '1e400', '"x"', '"[[["'])(
    '%s in place of every value spoils the values only',
    async (wrong) => {
      const upstream = await scriptedUpstream((call) => {
        const keys = Object.keys(JSON.parse(samples[endpointOf(call)]).data).filter(
          (key) => key !== 'base_resp',
        );
        return { body: `{"code":0,"data":{${keys.map((key) => `"${key}":${wrong}`).join(',')}}}` };
      });
      const server = await startTestServer({ upstream, env: noRetries });
      const { data, errors } = await server.ask(everything(id));
      expect(errors).toBeUndefined();
      // A body of nothing but filler has no data.
      const hasData = !fillers.includes(wrong);
      for (const name of documentedEndpoints) expect(data.creator[name]).toMatchObject({ hasData });
      expect(data.creator.profile.followerCount).toBe(wrong === '1.5' ? 2 : null);
      expect(data.creator.prices.cheapestAvailable).toBeNull();
      expect(data.creator.audienceTouch.categories).toEqual([]);
      expect(upstream.calls).toHaveLength(5);
    },
  );
});

describe('a body of just under 8 MB', () => {
  const manyValues: readonly [says: string, members: string][] = [
    ['rows', `"price_info":[${'{},'.repeat(2_600_000)}{}]`],
    ['rows as JSON text in a string', `"price_info":"[${'{},'.repeat(2_600_000)}{}]"`],
    ['rows whose commas are escaped', `"price_info":"[${'{}\\u002c'.repeat(990_000)}{}]"`],
    ['rows that are escaped wholly', `"price_info":"${'\\u007b\\u007d\\u002c'.repeat(400_000)}"`],
    ['rows twice in strings', `"price_info":"[\\"${'{}\\\\u002c'.repeat(880_000)}\\"]"`],
    ['ids', `"price_info":[${'6629722295873044494,'.repeat(390_000)}1]`],
    ['keys', `"price_info":{${Array.from({ length: 600_000 }, (_, nth) => `"${nth}":1`).join(',')}}`],
  ];

  it.each(manyValues)(
    'of more %s than are ever useful is refused without reading them',
    async (_, members) => {
      const { errors, calls } = await askHostile(
        { body: `{"code":0,"data":{${members}}}` },
        'prices { hasData }',
      );
      expect(errors).toMatchObject([{ extensions: { code: 'UPSTREAM_INVALID_RESPONSE' } }]);
      expect(errors?.[0]?.message).toContain('over 50000 values');
      expect(calls).toHaveLength(1);
    },
  );

  it('of many values, on a failing status, means what the status says', async () => {
    const { errors } = await askHostile({ status: 502, body: '['.repeat(100_000) });
    expect(errors).toMatchObject([{ extensions: { code: 'UPSTREAM_UNAVAILABLE' } }]);
  });

  it('with thousands of rows is read', async () => {
    const body = `{"code":0,"data":{"price_info":[${'{"desc":"a"},'.repeat(5_000)}{"desc":"b"}]}}`;
    const { data, errors } = await askHostile({ body }, 'prices { items { label } }');
    expect(errors).toBeUndefined();
    expect(data.creator.prices.items).toHaveLength(5_001);
  });

  // An eighth of a size and the size itself. What is quadratic takes 64 times as long.
  const shapes: readonly [says: string, body: (size: number) => string][] = [
    ['a number with millions of digits', (size) => profileBody(`"follower":${'9'.repeat(size)}`)],
    ['a fraction with millions of digits', (size) => profileBody(`"follower":0.${'1'.repeat(size)}`)],
    ['backslashes', (size) => profileBody(`"x":["${'\\\\'.repeat(size / 2)}",9007199254740993]`)],
    ['a string without an end', (size) => `[9007199254740993,"${'\\'.repeat(size)}`],
    ['long numbers, fewer', (size) => profileBody(`"x":[${`0.${'1'.repeat(150)},`.repeat(size / 200)}1]`)],
    ['long numbers without commas', (size) => `[${'9007199254740993 '.repeat(size / 17)}]`],
    ['points', (size) => `[9007199254740993,${'1.'.repeat(size / 2)}]`],
    ['minus signs', (size) => `[9007199254740993,${'-'.repeat(size)}`],
    ['blanks behind a number', (size) => `9007199254740993${' '.repeat(size)}`],
    ['a number in blanks', (size) => profileBody(`"follower":"${' '.repeat(size)}x"`)],
    ['a number of blanks and digits', (size) => profileBody(`"follower":"1${' '.repeat(size)}2"`)],
    ['a long name', (size) => profileBody(`"mcn_name":"${' x'.repeat(size / 2)}"`)],
    ['a long link', (size) => profileBody(`"avatar_uri":"https://x/${'../'.repeat(size / 3)}"`)],
    ['a long id', (size) => profileBody(`"core_user_id":"${'0'.repeat(size)}x"`)],
    ['a long picture', (size) => profileBody(`"base64_qrcode":"${'A'.repeat(size)}!"`)],
    [
      'as many keys as may be',
      (size) => profileBody(Array.from({ length: size / 85 }, (_, nth) => `"k${nth}":1`).join(',')),
    ],
    [
      'as many tags as may be',
      (size) =>
        profileBody(
          `"tags_relation":{${Array.from({ length: size / 170 }, (_, nth) => `"${nth}":["a"]`).join(',')}}`,
        ),
    ],
    ['as many rows as may be', (size) => profileBody(`"price_info":[${'{},'.repeat(size / 170)}{}]`)],
    ['as deep as may be', (size) => profileBody(`"x":${nested(size / 85)}`)],
  ];

  it.each(shapes)('takes time in proportion to its size: %s', (_, body) => {
    const [small, large] = [body(500_000), body(4_000_000)];
    const smallMs = fasterOfTwo(() => readAll(small));
    // A very short time says little, for it depends on the machine.
    expect(fasterOfTwo(() => readAll(large))).toBeLessThan(24 * Math.max(40, smallMs));
  });
});

/** In milliseconds of CPU time of this process, so that other processes do not count. */
function fasterOfTwo(run: () => void): number {
  const times = [run, run].map((once) => {
    const before = process.cpuUsage();
    once();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  return Math.min(...times);
}

/** All that is done to a body, for two endpoints. */
function readAll(body: string): void {
  for (const endpoint of [endpoints.profile, endpoints.prices]) {
    try {
      readAnswer(endpoint, { status: 200, body, retryAfter: null, isSandbox: false }, 0);
      const { data } = parseJson(body) as { data: Record<string, never> };
      unknownKeys(data, endpoint.shape);
      expectedKeys(data, endpoint.shape);
      endpoint.decode(data, () => undefined, decodedAtMs);
    } catch (error) {
      expect(error).toBeInstanceOf(UpstreamError);
    }
  }
}

/** Every field of every section, as deep as upstream's own data. */
function everything(creatorId: string): string {
  const sections = documentedEndpoints.map((name) => {
    const type = `${name[0]?.toUpperCase()}${name.slice(1)}`;
    return `${name} ${selectionOf(schema.getType(type) as GraphQLNamedType)}`;
  });
  return `{ creator(id: "${creatorId}") { ${sections.join(' ')} } }`;
}

function selectionOf(type: GraphQLNamedType, above: readonly GraphQLNamedType[] = []): string {
  if (!isObjectType(type)) return '';
  const fields = Object.values(type.getFields()).map((field) => {
    const inner = getNamedType(field.type);
    if (isLeafType(inner)) return field.name;
    // A section has sections of its own type in its history.
    const most = isObjectType(inner) && inner.getInterfaces().length > 0 ? 1 : 2;
    if (above.filter((outer) => outer === inner).length >= most) return '';
    return `${field.name} ${selectionOf(inner, [...above, type])}`;
  });
  return `{ ${fields.join(' ')} }`;
}

describe('a body with random changes', () => {
  const numRuns = 600;
  const anyEndpoint = fc.constantFrom(...documentedEndpoints);

  it('is read into what the schema promises, or refused with a known code', () => {
    fc.assert(
      fc.property(anyEndpoint, mutations, (name, changes) => {
        holdsWhatItPromises(name, mutated(samples[name], changes));
      }),
      { numRuns, seed },
    );
  });

  it('is so too when its bytes are changed, lost or added', () => {
    const edits = fc.array(
      fc.record({ at: fc.nat(), drop: fc.nat(30), add: fc.uint8Array({ maxLength: 4 }) }),
      { minLength: 1, maxLength: 6 },
    );
    fc.assert(
      fc.property(anyEndpoint, edits, (name, changes) => {
        let bytes = Buffer.from(samples[name]);
        for (const { at, drop, add } of changes) {
          const start = at % (bytes.length + 1);
          bytes = Buffer.concat([bytes.subarray(0, start), add, bytes.subarray(start + drop)]);
        }
        holdsWhatItPromises(name, bytes.toString());
      }),
      { numRuns, seed },
    );
  });

  it('gives a query of every field sections, or nulls with an error each', async () => {
    let bodies: Readonly<Record<DocumentedEndpoint, string>> = samples;
    const upstream = await scriptedUpstream((call) => ({ body: bodies[endpointOf(call)] }));
    const server = await startTestServer({ upstream, env: noRetries });
    let creator = 10n ** 18n;
    await fc.assert(
      fc.asyncProperty(fc.tuple(...documentedEndpoints.map(() => mutations)), async (changes) => {
        bodies = Object.fromEntries(
          documentedEndpoints.map((name, nth) => [name, mutated(samples[name], changes[nth] ?? [])]),
        ) as Record<DocumentedEndpoint, string>;
        creator += 1n;
        // A stop that this run opens is probed in the next.
        server.clock.advance(86_400);
        const { data, errors = [] } = await server.ask(everything(`${creator}`));
        for (const { extensions } of errors) expect(errorCodes).toContain(extensions['code']);
        const failed = errors.map(({ path }) => path?.join('.')).sort();
        const nulls = documentedEndpoints.filter((name) => data.creator[name] === null);
        expect(failed).toEqual(nulls.map((name) => `creator.${name}`).sort());
        for (const name of nulls) expect(upstream.calls).toContain(`${name} ${creator} SHORT_VIDEO`);
      }),
      { numRuns: 150, seed },
    );
    expect(server.logs.filter((line) => line.startsWith('["error"'))).toEqual([]);
  });
});

type Container = unknown[] | Record<string, unknown>;
type Change = (container: Container, key: string) => void;

/** A number that JavaScript cannot represent: it is written without its quotation marks in the end. */
const rawNumber = (digits: string) => `@@${digits}@@`;

const oddValues = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom(
    ...[null, true, '', '0', ' ', [], {}, -1, -0, 1.5, 2 ** 53, 1e308, 5e-324, '1e5', 'NaN', '9'.repeat(40)],
    ...['[', '[[1]]', '{"a":[1]}', '"[]"', '__proto__', '\ud800', 'https://', '2145916800', '253402300800'],
    ...['1e400', '-1e400', '9'.repeat(400), '6629722295873044494', '0.12345678901234567890'].map(rawNumber),
  ),
);
const anyKey = fc.oneof(
  fc.string(),
  fc.constantFrom('__proto__', 'constructor', 'toString', '', 'id', 'code', 'data'),
);

const change: fc.Arbitrary<Change> = fc.oneof(
  oddValues.map(
    (value): Change =>
      (container, key) =>
        put(container, key, structuredClone(value)),
  ),
  fc.constantFrom<Change>(
    (container, key) => {
      if (Array.isArray(container)) container.splice(Number(key), 1);
      else delete container[key];
    },
    (container, key) => {
      const value = Reflect.get(container, key);
      if (typeof value === 'number') put(container, key, String(value));
      if (typeof value === 'string') put(container, key, Number(value));
    },
    (container, key) => put(container, key, [Reflect.get(container, key)]),
    (container, key) => put(container, key, { [key]: Reflect.get(container, key) }),
    (container, key) => put(container, key, JSON.stringify(Reflect.get(container, key))),
    (container, key) => {
      if (Array.isArray(container)) container.push(container[Number(key)], container[Number(key)]);
    },
  ),
  fc.tuple(anyKey, oddValues).map(
    ([added, value]): Change =>
      (container) =>
        put(container, added, value),
  ),
);

const mutations = fc.array(fc.record({ at: fc.nat(), change }), { minLength: 1, maxLength: 12 });

/** The sample after these changes, each at one of its nodes. */
function mutated(
  sample: string,
  changes: readonly { readonly at: number; readonly change: Change }[],
): string {
  const body = JSON.parse(sample) as Container;
  for (const { at, change } of changes) {
    const nodes = nodesOf(body);
    const node = nodes[at % Math.max(1, nodes.length)];
    if (node) change(...node);
  }
  return JSON.stringify(body).replaceAll(/"@@(.+?)@@"/g, '$1');
}

function nodesOf(container: Container): [Container, string][] {
  return Object.entries(container).flatMap(([key, value]): [Container, string][] => [
    [container, key],
    ...(typeof value === 'object' && value !== null ? nodesOf(value as Container) : []),
  ]);
}

function put(container: Container, key: string, value: unknown): void {
  if (Array.isArray(container)) container[Number(key)] = value;
  else Object.defineProperty(container, key, { value, enumerable: true, writable: true, configurable: true });
}

function holdsWhatItPromises(name: DocumentedEndpoint, body: string): void {
  const endpoint = endpoints[name];
  try {
    const answer = readAnswer(endpoint, { status: 200, body, retryAfter: null, isSandbox: false }, 0);
    if (answer) expect(JSON.stringify(dataOf(answer.text))).toBe(JSON.stringify(answer.data));
    const value = endpoint.decode(answer?.data ?? {}, () => undefined, decodedAtMs);
    sameLists(
      value,
      endpoint.decode({}, () => undefined, decodedAtMs),
    );
    expect(brokenPromises(value, name)).toEqual([]);
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    expect(errorCodes).toContain(error.code);
  }
}

/** What is a list or an object without data is one with any data. */
function sameLists(value: object, empty: object): void {
  expect(Object.keys(value)).toEqual(Object.keys(empty));
  for (const [key, part] of Object.entries(empty)) {
    if (Array.isArray(part)) expect(Reflect.get(value, key)).toBeInstanceOf(Array);
    else if (part !== null && typeof part === 'object') sameLists(Reflect.get(value, key), part);
  }
}

/** Every value that is not of the form that its name promises. */
function brokenPromises(value: unknown, name: string): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => brokenPromises(item ?? undefined, name));
  if (typeof value === 'object' && value !== null && !(value instanceof Date)) {
    return Object.entries(value).flatMap(([key, part]) => brokenPromises(part, key));
  }
  return isAsPromised(value, name) ? [] : [`${name}: ${value}`];
}

const latestDate = Date.UTC(9999, 11, 31, 23, 59, 59);

function isAsPromised(value: unknown, name: string): boolean {
  if (value === null) return name !== 'children';
  if (value instanceof Date) return value.getTime() > 0 && value.getTime() <= latestDate;
  if (typeof value === 'boolean') return true;
  if (typeof value === 'number') {
    if (/count$|codes?$/i.test(name)) return Number.isSafeInteger(value) && value >= 0;
    return value >= 0 && value <= (/^(viral|engagement)Rate$/.test(name) ? 1 : Number.MAX_VALUE);
  }
  if (typeof value !== 'string') return false;
  if (name === 'amount') return /^\d+\.\d{2}$/.test(value) && Number(value) > 0;
  if (name === 'id' || name === 'douyinUid') return /^\d+$/.test(value);
  return !/url$/i.test(name) || URL.canParse(value);
}
