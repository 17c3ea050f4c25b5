import { EventEmitter, once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { callOf } from '../src/upstream/endpoints/call.js';
import type { Store } from '../src/upstream/store/store.js';
import { type DocumentedEndpoint, documentedEndpoints } from './documentedEndpoints.js';
import { atEnd, testStore, testToken } from './fixtures.js';
import { type Reply, scriptedUpstream, shortTimeout, startTestServer, type Upstream } from './harness.js';
import { graphqlUrl, start } from './program.js';

/** One that no encoding changes, and one that every encoding changes. */
const tokens = [testToken, 'tok+5e9f/1c0d=d1ed%'] as const;

const lowerEscapes = (text: string) => text.replaceAll(/%../g, (code) => code.toLowerCase());
const unicodeEscapes = (text: string, backslash = '\\') =>
  [...text].map((char) => `${backslash}u${char.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');

/** The token as a URL or a JSON text may hold it. */
const echoesOf = (token: string) => [
  token,
  encodeURIComponent(token),
  lowerEscapes(encodeURIComponent(token)),
  encodeURIComponent(encodeURIComponent(token)),
  [...Buffer.from(token)].map((byte) => `%${byte.toString(16)}`).join(''),
  `${new URLSearchParams({ token })}`.slice('token='.length),
  token.replaceAll('/', '\\/'),
  token.replaceAll(/[+=/%]/g, (char) => unicodeEscapes(char)),
  unicodeEscapes(token),
];

/** The places of a text that hold the token in any form, each with its surroundings. */
function leaksIn(text: string, token: string): string[] {
  const bytes = Buffer.from(token);
  const forms = [
    ...echoesOf(token),
    unicodeEscapes(token, '\\\\'),
    bytes.toString('base64').replaceAll('=', ''),
    bytes.toString('base64url'),
    bytes.toString('hex'),
  ];
  return forms
    .map((form) => text.toLowerCase().indexOf(form.toLowerCase()))
    .filter((at) => at >= 0)
    .map((at) => text.slice(Math.max(0, at - 60), at + 60));
}

/** An answer that repeats the request, as gateways and frameworks do. `url` is the URL that upstream got. */
type Echo = (response: ServerResponse, url: string, token: string) => void;

/** JSON text of a string that holds the URL and every form of the token. */
function echoed(url: string, token: string): string {
  return `"asked: http://upstream${url} ${url.replaceAll('/', '\\/')} ${echoesOf(token).join(' ')}"`;
}

const echoData = (url: string, token: string, status = 0) => {
  const text = echoed(url, token);
  const keys = ['nick_name', 'city', 'mcn_name', 'unique_id', 'industry_tags', 'unknown'];
  const members = [
    ...keys.map((key) => `"${key}":${text}`),
    `"tags":${JSON.stringify(`[${text}]`)}`,
    `"tags_relation":{${text}:[${text}]}`,
    `"price_info":[{"desc":${text}},${text}]`,
    `"newest_videos":[{"item_id":"1","title":${text}}]`,
    `"video_touch":[{"distribution_data":{"name":${text},"cnt":1}}]`,
    `"expect_cpm":{"cpm_1_20":${text}}`,
    `"avatar_uri":"https://cdn.example/a.png?from=${encodeURIComponent(token)}"`,
    `"${token.replaceAll('/', '\\/')}":1`,
    `"base_resp":{"status_code":${status},"status_message":${text}}`,
  ];
  return `{${members.join(',')}}`;
};
const json = (response: ServerResponse, body: string, status = 200) =>
  response.writeHead(status, { 'content-type': 'application/json' }).end(body);

const businessCodes = [100, 101, 201, 300, 301, 302, 303, 400, 500, 503, 600, 601, 602, 777];

/** The codes that stop all calls come last. */
const echoes: readonly (readonly [says: string, echo: Echo])[] = [
  ['data', (response, url, token) => json(response, `{"code":0,"data":${echoData(url, token)}}`)],
  ['base_resp', (response, url, token) => json(response, `{"code":0,"data":${echoData(url, token, 5)}}`)],
  [
    'data that is a word',
    (response, url, token) => json(response, `{"code":0,"data":${echoed(url, token)}}`),
  ],
  ['a code that is a word', (response, url, token) => json(response, `{"code":${echoed(url, token)}}`)],
  ['garbage', (response, url, token) => json(response, `{${echoed(url, token)}`)],
  ['a page', (response, url) => response.end(`<html>Cannot GET ${url}</html>`)],
  ['a gateway page', (response, url) => response.writeHead(502).end(`<html>Cannot GET ${url}</html>`)],
  ['a reason phrase', (response, url) => response.writeHead(502, url).end()],
  [
    'a redirect',
    (response, url) => response.writeHead(302, { location: `http://login.invalid/?to=${url}` }).end(),
  ],
  [
    'headers',
    (response, url, token) =>
      response
        .writeHead(503, { 'retry-after': url, 'set-cookie': token, link: url, 'x-justoneapi-sandbox': url })
        .end(),
  ],
  ['a flood of headers', (response, url) => response.writeHead(200, { 'x-echo': url.repeat(200) }).end()],
  ['an encoding', (response, url) => response.writeHead(200, { 'content-encoding': url }).end('{}')],
  ['no HTTP', (response, url) => response.socket?.end(`Cannot GET ${url}\r\n\r\n`)],
  ['a broken header', (response, url) => response.socket?.end(`HTTP/1.1 200 OK\r\n${url}\r\n\r\n`)],
  [
    'a body without an end',
    (response, url) =>
      response.writeHead(200, { 'content-length': 99_999 }).write(url, () => response.destroy()),
  ],
  ['a body over 8 MB', (response, url) => response.end(url.repeat(60_000))],
  ['nothing, but a reset', (response) => response.socket?.resetAndDestroy()],
  ['nothing', () => undefined],
  [
    'a drip',
    (response, url) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write(url), 20);
      response.once('close', () => clearInterval(drip));
    },
  ],
  ...businessCodes.map(
    (code) =>
      [
        `code ${code}`,
        (response: ServerResponse, url: string, token: string) =>
          json(
            response,
            `{"code":${code},"message":${echoed(url, token)},"data":${echoData(url, token)}}`,
            400,
          ),
      ] as const,
  ),
];

const wholeSections = `
  profile { id raw name city tags { name children } mcn { name } douyinId avatarUrl }
  prices { id raw items { label } industryTags { name parent } }
  cpMetrics { id raw expectedCpm { seconds1To20 { amount } } }
  recommendedVideos { id raw newest { title url } }
  audienceTouch { id raw categories { name } }`;
const wholeUpstream = `{ upstream { isSandbox environment callsToday callsTotal dailyLimit
  stop { code upstreamCode since nextProbeAt }
  endpoints { name health attempts successRate p50Ms p95Ms circuit circuitSince drift } } }`;

const id = '6629722295873044494';

const apiKey = 'key+8d2b/4f7a=c19e';

/** Asks for every section in process, and collects everything that can be read of it anywhere. */
async function allThatShows(
  upstream: Upstream,
  token: string,
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const shown: string[] = [];
  const server = await startTestServer({
    upstream,
    env: {
      JUSTONEAPI_TOKEN: token,
      UPSTREAM_RETRIES: '0',
      ...env,
      // One operation spends the budget, which is logged.
      API_KEYS: `dash:${apiKey}:5:admin`,
    },
    store: recordingStore(shown),
    logger: pino({ level: 'trace' }, { write: (line) => void shown.push(line) }),
  });
  const show = async (response: Response) => {
    shown.push(inspect([...response.headers]), await response.text());
  };
  const authorization = `Bearer ${apiKey}`;
  const ask = async (query: string, headers: Record<string, string> = {}) =>
    show(
      await server.fetch('/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization, 'x-cost-debug': '1', ...headers },
        body: JSON.stringify({ query }),
      }),
    );
  await ask(`{ creator(id: "${id}") { ${wholeSections} } }`);
  await ask(`{ creator(id: "${id}") { ${wholeSections} } }`, { 'x-dry-run': '1' });
  await ask('{ __typename }', { authorization: `Bearer ${apiKey}x` });
  await show(await server.fetch('/metrics', { headers: { authorization } }));
  await ask(wholeUpstream);
  // Each open circuit lets a probe through.
  server.clock.advance(60);
  shown.push(...(await Promise.all(documentedEndpoints.map((endpoint) => errorOf(server.client, endpoint)))));
  await ask(wholeUpstream);
  return shown.join('\n');
}

function recordingStore(shown: string[]): Store {
  const store = testStore();
  return {
    ...store,
    getMany: (keys) => {
      shown.push(...keys);
      return store.getMany(keys);
    },
    set: (key, value, options) => {
      shown.push(key, value);
      return store.set(key, value, options);
    },
    count: (key, options) => {
      shown.push(key);
      return store.count(key, options);
    },
  };
}

/** Everything that the error of a look-up holds. */
async function errorOf(
  client: Awaited<ReturnType<typeof startTestServer>>['client'],
  endpoint: DocumentedEndpoint,
): Promise<string> {
  const operation = client.newOperation({
    signal: new AbortController().signal,
    payer: null,
    operationName: null,
    requestId: 'test',
  });
  const call = callOf(endpoint, { creatorId: '6712345678901234567', platform: 'SHORT_VIDEO' });
  const [looking] = client.lookUp([{ call, maxAgeSeconds: 0, awaitedFromSeconds: 0 }], operation);
  const outcome = await looking?.catch((error: unknown) => error);
  return outcome instanceof Error ? everythingIn(outcome).join('\n') : '';
}

function everythingIn(value: unknown, seen = new Set<unknown>()): string[] {
  if (typeof value !== 'object' || value === null) return [String(value)];
  if (seen.has(value)) return [];
  seen.add(value);
  const inherited = value instanceof Error ? [String(value), String(value.stack), JSON.stringify(value)] : [];
  const own = Reflect.ownKeys(value).flatMap((key) => [
    String(key),
    ...everythingIn(Reflect.get(value, key), seen),
  ]);
  return [inspect(value, { showHidden: true, depth: Number.POSITIVE_INFINITY }), ...inherited, ...own];
}

const neverEnding = ['nothing', 'a drip'];

const echoing = (echo: Echo, token: string): Promise<Upstream> =>
  scriptedUpstream(() => (response) => echo(response, response.req.url ?? '', token));

describe.each(tokens)('the token %s is nowhere to be read', (token) => {
  it.each(echoes)('when upstream answers with it in %s', async (says, echo) => {
    const upstream = await echoing(echo, token);
    const env = neverEnding.includes(says) ? shortTimeout : {};
    const shown = await allThatShows(upstream, token, env);
    expect(upstream.calls.length).toBeGreaterThan(0);
    expect(leaksIn(shown, token)).toEqual([]);
    expect(leaksIn(shown, apiKey)).toEqual([]);
    // Only `raw` repeats the URL.
    if (says === 'data') expect(shown).toContain('token=[token]&oAuthorId=');
    else expect(shown).not.toContain('oAuthorId=');
  });

  it.each([
    ['refuses the connection', 'http://127.0.0.1:1'],
    ['has no address', 'http://no-such-host.invalid'],
  ])('when upstream %s', async (_, baseUrl) => {
    const shown = await allThatShows({ baseUrl, calls: [] }, token);
    expect(shown).toMatch(/UPSTREAM_(UNAVAILABLE|TIMEOUT)/);
    expect(leaksIn(shown, token)).toEqual([]);
  });

  it('when upstream speaks no TLS', async () => {
    const { baseUrl, calls } = await scriptedUpstream(() => ({ body: '{}' }));
    const shown = await allThatShows({ baseUrl: baseUrl.replace('http:', 'https:'), calls }, token);
    expect(shown).toContain('UPSTREAM_');
    expect(leaksIn(shown, token)).toEqual([]);
  });
});

describe('the program', () => {
  const [, token] = tokens;
  const crashOnSignal = `data:text/javascript,${encodeURIComponent(
    "process.on('SIGUSR2', () => { throw new Error('crash', { cause: new Error('of the test') }) });",
  )}`;

  it('neither prints nor stores its token, through every failure and a crash', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'xingtu-secrecy-'));
    atEnd(() => rm(folder, { recursive: true }));
    // The failures are spread over the endpoints, or one endpoint's circuit would open.
    const creatorOf = (nth: number) => `${10n ** 18n + BigInt(nth)}`;
    const replies = new Map<string, Reply>(
      echoes.map(([, echo], nth) => [
        `${documentedEndpoints[nth % documentedEndpoints.length]} ${creatorOf(nth)} SHORT_VIDEO`,
        (response) => echo(response, response.req.url ?? '', token),
      ]),
    );
    const upstreamHears = new EventEmitter();
    const upstream = await scriptedUpstream((call) => {
      upstreamHears.emit('call');
      return replies.get(call) ?? (() => undefined);
    });
    const env = {
      JUSTONEAPI_TOKEN: token,
      JUSTONEAPI_BASE_URL: upstream.baseUrl,
      STORE_URL: `sqlite:${folder}/store.db`,
      LOG_LEVEL: 'trace',
      UPSTREAM_RETRIES: '0',
      UPSTREAM_TIMEOUT_MS: '2000',
    };
    const running = start(env, { imports: [crashOnSignal] });
    const url = await graphqlUrl(running);
    const answers: string[] = [];
    const ask = async (path: string, init?: RequestInit) => {
      const response = await fetch(new URL(path, url), init);
      answers.push(inspect([...response.headers]), await response.text());
    };
    const query = (text: string) => ask(`/graphql?${new URLSearchParams({ query: text })}`);
    const sections = wholeSections.trim().split('\n');
    for (const nth of echoes.keys()) {
      await query(`{ creator(id: "${creatorOf(nth)}") { ${sections[nth % sections.length]} } }`);
    }
    await query(wholeUpstream);
    expect(answers.join()).toContain('token=[token]');
    expect(answers.join()).toContain('UPSTREAM_UNAUTHENTICATED');

    await ask('/health');
    await ask('/nowhere');
    await ask('/graphql?query={');
    await ask('/graphql', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{' });
    await ask('/graphql', { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'x' });
    await ask('/graphql', { method: 'POST', body: 'x'.repeat(1_100_000) }).catch(() => undefined);
    answers.push(await sendRaw(url, 'GET /graphql HTTP/9.9\r\n\r\n'));
    answers.push(await sendRaw(url, 'GET http://[ HTTP/1.1\r\nhost: [\r\n\r\n'));
    expect(leaksIn(answers.join('\n'), token)).toEqual([]);

    const resuming = start(env, { args: ['store', 'resume'] });
    expect(await resuming.ended).toBe(0);
    expect(resuming.out).toBe('Lifted: calls are made again.\n');

    // Once the running server has seen that the stop is lifted, a call is in flight when it crashes.
    const seen = upstream.calls.length;
    const isCalled = () => upstream.calls.length > seen;
    let hanging: Promise<unknown> = Promise.resolve();
    while (!isCalled()) {
      hanging = query(`{ creator(id: "${id}") { profile { name } } }`).catch(() => 'cut');
      await Promise.race([hanging, once(upstreamHears, 'call')]);
    }
    running.process.kill('SIGUSR2');
    expect(await running.ended).toBe(1);
    await hanging;
    expect(running.err).toContain('crash');

    const stored = await Promise.all(
      (await readdir(folder)).map((name) => readFile(join(folder, name), 'latin1')),
    );
    const printed = [running.out, running.err, resuming.out, resuming.err].join('\n');
    expect(stored.join('')).toContain('stop:');
    expect(leaksIn([printed, ...stored, ...answers].join('\n'), token)).toEqual([]);
  });

  it('does not print its token when a store command is refused', async () => {
    const running = start({ JUSTONEAPI_TOKEN: token, STORE_URL: 'memory:' }, { args: ['store', 'resume'] });
    expect(await running.ended).toBe(1);
    expect(running.err).toContain('STORE_URL is memory:');
    expect(leaksIn(running.out + running.err, token)).toEqual([]);
  });
});

/** Sends bytes that no HTTP client would send. */
async function sendRaw(url: string, text: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  let answer = '';
  socket.on('data', (chunk) => {
    answer += chunk;
  });
  socket.end(text);
  await once(socket, 'close');
  return answer;
}
