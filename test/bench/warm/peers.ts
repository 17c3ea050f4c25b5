import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Program, startProgram } from '../program.js';

const home = fileURLToPath(new URL('../peers', import.meta.url));

const files = { Mercurius: 'mercurius.js', Yoga: 'yoga.js' } as const;

/** Other servers, each in a process of its own, with the same schema and the same figures in memory. */
export type Peers = Readonly<Record<keyof typeof files, Program>>;

/** What they depend on is installed at the first need. False: it can't be. */
export function arePeersInstalled(): boolean {
  // Written when all the rest is there.
  if (existsSync(join(home, 'node_modules/.package-lock.json'))) return true;
  process.stdout.write('Installing the servers that it compares with into test/bench/peers\n');
  const { status } = spawnSync(
    'npm',
    ['ci', '--prefix', home, '--no-audit', '--no-fund', '--loglevel', 'error'],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  return status === 0;
}

/** `creators` by id: a creator as our server answers it, with the sections that are measured. */
export async function startPeers(folder: string, creators: Readonly<Record<string, object>>): Promise<Peers> {
  const path = join(folder, 'peers.json');
  const typeDefs = await readFile(new URL('../../../schema.graphql', import.meta.url), 'utf8');
  await writeFile(path, JSON.stringify({ typeDefs, creators }));
  const start = (file: string) =>
    startProgram([join(home, file)], { PEER_DATA: path, NODE_ENV: 'production' });
  return { Mercurius: await start(files.Mercurius), Yoga: await start(files.Yoga) };
}
