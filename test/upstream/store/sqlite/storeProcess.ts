import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { atEnd } from '../../../fixtures.js';

/** Of `storeProgram.ts`. */
const program = fileURLToPath(new URL('../../../../dist/storeProgram.js', import.meta.url));

/** Another process on a file. */
export interface StoreProcess {
  readonly process: ChildProcess;
  /** The keys of the changes that it was told of. */
  readonly heard: (string | null)[];
  readonly logs: string[];
  /** Why it could not open the file. Null: it has. */
  readonly refusal: string | null;
  /** Why its store was lost at the start. */
  readonly lostBecause: string | null;
  /** Rejects if the operation does, or if the process ends before. */
  ask(operation: 'getMany' | 'set' | 'count' | 'check' | 'close', ...args: unknown[]): Promise<unknown>;
  kill(): Promise<void>;
  readonly ended: Promise<unknown>;
}

/** `uid`: of the user that it runs as. Default: the same. */
export async function startStoreProcess(
  path: string,
  { uid }: { readonly uid?: number } = {},
): Promise<StoreProcess> {
  const args = uid === undefined ? [path] : [path, String(uid)];
  const child = fork(program, args, { execArgv: [] });
  const ended = once(child, 'exit');
  const kill = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  atEnd(kill);
  const heard: (string | null)[] = [];
  const logs: string[] = [];
  const waiting = new Map<number, (result: unknown, failure?: string) => void>();
  let refusal: string | null = null;
  let lostBecause: string | null = null;
  const isOpen = new Promise<void>((resolve) => {
    child.on('message', ([what, value, failure]: [number | string, never, string?]) => {
      if (typeof what === 'number') waiting.get(what)?.(value, failure);
      else if (what === 'heard') heard.push(value);
      else if (what === 'log') logs.push(value);
      else {
        if (what === 'refused') refusal = value;
        else lostBecause = value;
        resolve();
      }
    });
  });
  await Promise.race([isOpen, ended]);
  let asked = 0;
  return {
    process: child,
    heard,
    logs,
    refusal,
    lostBecause,
    ask: (operation, ...args) =>
      new Promise((resolve, reject) => {
        asked += 1;
        const nth = asked;
        waiting.set(nth, (result, failure) => (failure ? reject(new Error(failure)) : resolve(result)));
        ended.then(() => reject(new Error('the process has ended')));
        // Its channel closes before its end is known. Who rejected at once would be asked again before any other event.
        child.send([nth, operation, ...args], () => {});
      }),
    kill,
    ended,
  };
}
