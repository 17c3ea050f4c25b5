import { type Load, load } from './load.js';

/** The load in a process of its own: each message is one, and is answered with what came of it. */
process.on('message', (message: Load) => {
  load(message).then(
    (loaded) => process.send?.({ loaded }),
    (error: Error) => process.send?.({ failed: error.message }),
  );
});
process.on('disconnect', () => process.exit());
