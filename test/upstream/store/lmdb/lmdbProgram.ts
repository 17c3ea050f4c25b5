import { openLmdbStore } from '../../../../src/upstream/store/lmdb/lmdb.js';

type Operation = 'getMany' | 'set' | 'count' | 'close';

/** What it is asked over IPC: `[nth, operation, ...arguments]`; it answers `[nth, result]`. */
type Request = readonly [nth: number, operation: Operation, ...args: never[]];

const store = await openLmdbStore(process.argv[2] ?? '', { now: Date.now });
const send = (message: unknown) => process.send?.(message);

store.onChange((key) => send(['heard', key]));
process.on('message', async ([nth, operation, ...args]: Request) => {
  const operate = store[operation] as (...given: never[]) => Promise<unknown>;
  send([nth, await operate.call(store, ...args)]);
  if (operation === 'close') process.disconnect();
});
send(['open']);
