import { Pool } from 'undici';
import { endpoints } from '../../src/upstream/endpoints/table.js';
import { type DocumentedEndpoint, documentedEndpoints } from '../documentedEndpoints.js';
import { builtSandbox, builtServer, startProgram } from './program.js';

/** How long upstream takes over each answer. */
export const upstreamMs = 50;

const token = 'bench-7d1f09c2e6a84b35';

/** The server and its upstream, each in its own process, and the ways to ask them. */
export interface SetUp {
  /** Ids that were not asked for yet, so that nothing is stored about them. */
  freshIds(count: number): string[];
  /** One operation through the server, to the last byte of its answer. */
  ask(query: string, variables: object): Promise<void>;
  /** The same in parts, to the last byte of the first part. `rest` resolves with the last part. */
  askInParts(query: string, variables: object): Promise<{ readonly rest: Promise<void> }>;
  /** The same calls directly to upstream, whose answers are not read. */
  askBare(ids: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

export async function setUp(concurrency: number): Promise<SetUp> {
  const { warmUp, ...measured } = await start(concurrency);
  await warmUp();
  return measured;
}

/** With a latency as the sandbox's command line has it. The caller warms up, without what is slow. */
export function setUpWith(latency: string, concurrency: number): Promise<SetUp> {
  return start(concurrency, latency);
}

/** A server is slower until its code is compiled, so both ways to ask are used before. */
const warmUpOperations = 2_000;
const warmUpAtOnce = 20;

async function start(
  concurrency: number,
  latency = String(upstreamMs),
): Promise<SetUp & { warmUp(): Promise<void> }> {
  const sandbox = await startProgram([
    ...builtSandbox,
    ...[String(upstreamMs), latency].flatMap((each) => ['--latency', each]),
  ]);
  const server = await startProgram(builtServer, {
    PORT: '0',
    STORE_URL: 'memory:',
    LOG_LEVEL: 'warn',
    JUSTONEAPI_TOKEN: token,
    JUSTONEAPI_BASE_URL: sandbox.url,
    UPSTREAM_CONCURRENCY: String(concurrency),
    QUERY_MAX_CALLS: '500',
  });
  const url = new URL(server.url);
  const client = new Pool(url.origin);
  const upstream = new Pool(sandbox.url, { connections: concurrency });
  let nextId = 7_000_000_000_000_000_000n;

  async function askSection(endpoint: DocumentedEndpoint, oAuthorId: string): Promise<void> {
    const query = new URLSearchParams({ token, oAuthorId, platform: 'SHORT_VIDEO' });
    const { body } = await upstream.request({ method: 'GET', path: `${endpoints[endpoint].path}?${query}` });
    await body.text();
  }

  const freshIds = (count: number) => Array.from({ length: count }, () => String(nextId++));
  const askBare = async (ids: readonly string[]) => {
    await Promise.all(ids.flatMap((id) => documentedEndpoints.map((endpoint) => askSection(endpoint, id))));
  };
  const post = async (query: string, variables: object, accept: string) => {
    const { body } = await client.request({
      method: 'POST',
      path: url.pathname,
      headers: { 'content-type': 'application/json', accept },
      body: JSON.stringify({ query, variables }),
    });
    return body;
  };
  const ask = async (query: string, variables: object) => {
    const body = await post(query, variables, 'application/json');
    expectNoErrors(await body.text());
  };
  const askInParts = async (query: string, variables: object) => {
    const body = await post(query, variables, 'multipart/mixed');
    const chunks = body.setEncoding('utf8').iterator({ destroyOnReturn: false });
    let answer = '';
    while (!answer.includes('}\r\n')) answer += (await chunks.next()).value;
    const rest = async () => {
      for await (const chunk of chunks) answer += chunk;
      expectNoErrors(answer);
    };
    return { rest: rest() };
  };

  return {
    freshIds,
    ask,
    askInParts,
    askBare,
    warmUp: async () => {
      for (let done = 0; done < warmUpOperations; done += warmUpAtOnce) {
        const ids = freshIds(warmUpAtOnce);
        await Promise.all(
          ids.map((id) => ask(`query WarmUp($id: ID!) { creator(id: $id) { ${creatorFields} } }`, { id })),
        );
        await askBare(ids);
      }
    },
    close: async () => {
      await Promise.all([client.close(), upstream.close()]);
      await server.end();
      await sandbox.end();
    },
  };
}

function expectNoErrors(answer: string): void {
  if (answer.includes('"errors"')) throw new Error(`Expected an answer without errors, but got ${answer}`);
}

/** What a page about a creator needs of all five sections. */
export const creatorFields = `
  id
  xingtuUrl
  profile { name followerCount province tags { name children } mcn { name } }
  prices {
    byDuration {
      seconds1To20 { price { amount } isAvailable }
      seconds21To60 { price { amount } isAvailable }
      secondsOver60 { price { amount } isAvailable }
    }
  }
  cpMetrics {
    expectedPlayCount
    viralRate
    expectedCpm { seconds1To20 { amount } }
    expectedCpe { seconds1To20 { amount } }
  }
  recommendedVideos {
    fetchedAt
    isStale
    newest { id createdAt playCount likeCount }
    personalHot { id url playCount }
  }
  audienceTouch { categories { name count children { name count shareOfParent } } }
`;
