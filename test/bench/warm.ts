import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSandbox } from '../../src/sandbox/server.js';
import {
  type Benchmark,
  type Bound,
  gatherByTurns,
  type Outcome,
  ratioOf,
  type Series,
} from './benchmark.js';
import { idsOf } from './fill.js';
import { builtServer, type Program, startProgram } from './program.js';
import { median } from './statistics.js';
import { conditionalGet, creatorIn, expectSameData, pagesOf, postOf, warmUp } from './warm/asking.js';
import type { BareAnswer } from './warm/bare.js';
import { neverSeen, page } from './warm/documents.js';
import { cpuMsOf, type Loader, startLoader } from './warm/loader.js';
import { arePeersInstalled, startPeers } from './warm/peers.js';

const ids = idsOf(1_000);
const connections = 32;
/** Short, for what a server is compared with must be measured before the machine has changed its pace. */
const sliceMs = 700;
const rounds = { warmUp: 3, measured: 15 };

/** A server that has less of a core is not all that limits: then a ratio to it flatters. */
const leastCpuShare = 0.9;

/** Of one measure, and of one slice of it. */
interface Contender {
  readonly program: Program;
  readonly requests: readonly string[];
  readonly status?: number;
}
interface Slice {
  readonly perSecond: number;
  readonly cpuMicros: number;
  readonly cpuShare: number;
  /** Of what sent the requests. */
  readonly loadCpuShare: number;
}
type Found = Readonly<Record<string, readonly Slice[]>>;

/** What warm requests take beside node:http alone, which answers the same bytes, and beside other servers. */
export const warm: Benchmark = {
  name: 'warm',
  async run() {
    const folder = await mkdtemp(join(tmpdir(), 'xingtu-warm-'));
    let calls = 0;
    const sandbox = await startSandbox({ onCall: () => (calls += 1) });
    const started: Program[] = [];
    const running = async (program: Promise<Program>) => {
      started.push(await program);
      return program;
    };
    const bare = (answer: BareAnswer) =>
      running(
        startProgram(['--import', 'tsx', 'test/bench/warm/bare.ts'], { ANSWER: JSON.stringify(answer) }),
      );

    const server = await running(
      startProgram(builtServer, {
        PORT: '0',
        STORE_URL: 'memory:',
        LOG_LEVEL: 'warn',
        JUSTONEAPI_TOKEN: 'bench-7d1f09c2e6a84b35',
        JUSTONEAPI_BASE_URL: sandbox.baseUrl,
        CACHE_MAX_BYTES: String(256 * 1_048_576),
      }),
    );
    await warmUp(server.url, ids);
    const warmedBy = calls;
    const pages = await pagesOf(server.url, ids);
    const notModified = await conditionalGet(server.url, ids[0] ?? '');
    const hasPeers = arePeersInstalled();
    const creators = Object.fromEntries(pages.map((answer, nth) => [ids[nth], creatorIn(answer)]));

    const repeat = ids.slice(0, 1).map((id) => postOf(page, id));
    const everyCreator = ids.map((id) => postOf(page, id));
    const everyDocument = ids.map((id) => postOf(neverSeen, id));
    const contenders: Record<string, Contender> = {
      'repeat, ours': { program: server, requests: repeat },
      'repeat, node:http': { program: await bare(pages[0] as BareAnswer), requests: repeat },
      'creators, ours': { program: server, requests: everyCreator },
      'creators, node:http': { program: await bare(ofMedianLength(pages)), requests: everyCreator },
      'never seen, ours': { program: server, requests: everyDocument },
    };
    if (notModified) {
      const slice = { requests: [notModified.request], status: 304 };
      contenders['not modified, ours'] = { program: server, ...slice };
      contenders['not modified, node:http'] = { program: await bare(notModified.answer), ...slice };
    }
    for (const [name, peer] of hasPeers ? Object.entries(await startPeers(folder, creators)) : []) {
      const program = await running(Promise.resolve(peer));
      await expectSameData(server.url, program.url, ids);
      contenders[`repeat, ${name}`] = { program, requests: repeat };
      contenders[`creators, ${name}`] = { program, requests: everyCreator };
      contenders[`never seen, ${name}`] = { program, requests: everyDocument };
    }

    const loader = startLoader();
    const found = await gatherByTurns(rounds, slicesBy(loader, contenders));
    await loader.close();
    for (const program of started) await program.end();
    await sandbox.close();
    await rm(folder, { recursive: true });
    if (calls > warmedBy)
      throw new Error(`Expected all of it to be warm, but upstream was asked ${calls - warmedBy} times`);
    return outcomeOf(found, [
      ...(notModified ? [] : ['not modified: the server gives no ETag']),
      ...(hasPeers ? [] : ['Mercurius and Yoga: what they need could not be installed']),
    ]);
  },
};

function ofMedianLength(answers: readonly BareAnswer[]): BareAnswer {
  const byLength = [...answers].sort((a, b) => a.body.length - b.body.length);
  return byLength[Math.floor(byLength.length / 2)] as BareAnswer;
}

function slicesBy(
  loader: Loader,
  contenders: Readonly<Record<string, Contender>>,
): Record<string, () => Promise<Slice>> {
  const measures = Object.entries(contenders).map(([name, { program, requests, status = 200 }]) => {
    const pid = program.process.pid;
    const port = Number(new URL(program.url).port);
    const slice = async (): Promise<Slice> => {
      const before = await cpuMsOf(pid);
      const load = { port, connections, requests, status, forMs: sliceMs };
      const { answered, tookMs, cpuMs: loadCpuMs } = await loader.load(load);
      const cpuMs = (await cpuMsOf(pid)) - before;
      return {
        perSecond: (answered / tookMs) * 1000,
        cpuMicros: (cpuMs / answered) * 1000,
        cpuShare: cpuMs / tookMs,
        loadCpuShare: loadCpuMs / tookMs,
      };
    };
    return [name, slice] as const;
  });
  return Object.fromEntries(measures);
}

function outcomeOf(found: Found, skipped: readonly string[]): Outcome {
  const medianOf = (name: string, of: keyof Slice) => median((found[name] ?? []).map((slice) => slice[of]));
  const perSecond = (name: string) => (found[name] ?? []).map((slice) => slice.perSecond);
  const atLeast = (least: number, name: string, base: string): Bound[] =>
    found[name] && found[base]
      ? [{ what: `${name}, to ${base}`, value: ratioOf(perSecond(name), perSecond(base)), least }]
      : [];
  const series = Object.entries(found).map(
    ([name, slices]): Series => ({
      name,
      values: slices.map(({ perSecond }) => perSecond),
      base: perSecond(bareOf(name)),
      beside: {
        'CPU µs each': medianOf(name, 'cpuMicros').toFixed(0),
        'CPU %': (medianOf(name, 'cpuShare') * 100).toFixed(0),
        "load's CPU %": (medianOf(name, 'loadCpuShare') * 100).toFixed(0),
      },
    }),
  );
  const bare = series.filter(({ name }) => name === bareOf(name));
  return {
    unit: 'requests/s',
    series,
    bounds: [
      ...atLeast(0.8, 'repeat, ours', 'repeat, node:http'),
      ...atLeast(0.6, 'creators, ours', 'creators, node:http'),
      ...atLeast(0.8, 'not modified, ours', 'not modified, node:http'),
      ...atLeast(1, 'never seen, ours', 'never seen, Mercurius'),
      ...bare.map(({ name }) => ({
        what: `${name}: of a core that it had`,
        value: medianOf(name, 'cpuShare'),
        least: leastCpuShare,
      })),
    ],
    bare,
    skipped,
  };
}

/** A document that nobody has seen is answered with as much as one that is known. */
function bareOf(name: string): string {
  return `${name.replace('never seen', 'creators').split(',')[0]}, node:http`;
}
