import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Program } from './program.js';

/** Resident: what is the server's own, and the pages of files, which the system takes back when it needs them. */
export interface Memory {
  readonly ownBytes: number;
  readonly fileBytes: number;
}

export async function memoryOf({ process: { pid } }: Program): Promise<Memory> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const bytesOf = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]) * 1024;
  return { ownBytes: bytesOf('RssAnon'), fileBytes: bytesOf('RssFile') };
}

/**
 * Arguments for Node. Only a garbage collection shows what memory is used: between two collections, garbage takes up to
 * several times as much.
 */
export const collectingOnDemand = [
  '--expose-gc',
  '--import',
  'data:text/javascript,process.on("SIGWINCH", () => { gc(); gc(); console.log("collected"); });',
];

/** Freed pages go back to the system a moment later. */
const settleMs = 500;

/** Of a server that was started with `collectingOnDemand`. */
export async function collectedMemoryOf(server: Program): Promise<Memory> {
  const collected = once(server.process.stdout, 'data');
  server.process.kill('SIGWINCH');
  await collected;
  await sleep(settleMs);
  return memoryOf(server);
}

export function inMb(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(0)} MB`;
}
