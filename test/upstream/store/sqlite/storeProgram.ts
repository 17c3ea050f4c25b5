import { openSqliteStore } from '../../../../src/upstream/store/sqlite/sqlite.js';

type Operation = 'getMany' | 'set' | 'count' | 'check' | 'close';

/** What it is asked over IPC: `[nth, operation, ...arguments]`; it answers `[nth, result]` or `[nth, null, why it failed]`. */
type Request = readonly [nth: number, operation: Operation, ...args: never[]];

const send = (message: unknown) => process.send?.(message);
const log = (fields: unknown, message = fields) => send(['log', message]);
const logger = { error: log, warn: log, info: log } as never;

const [path = '', uid] = process.argv.slice(2);
if (uid !== undefined) {
  // Not before: this user may not be able to read the program.
  process.setgid?.(Number(uid));
  process.setuid?.(Number(uid));
}
try {
  const store = await openSqliteStore(path, { now: Date.now, logger });
  store.onChange((key) => send(['heard', key]));
  process.on('message', async ([nth, operation, ...args]: Request) => {
    const operate = store[operation] as (...given: never[]) => Promise<unknown>;
    try {
      send([nth, await operate.call(store, ...args)]);
    } catch (error) {
      send([nth, null, String(error)]);
    }
    if (operation === 'close') process.disconnect();
  });
  send(['open', store.lostBecause]);
} catch (error) {
  send(['refused', String(error)]);
  process.disconnect();
}
