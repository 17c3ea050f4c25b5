import { type Probed, type ProbeOptions, runProbe } from './probe.js';

process.on('disconnect', () => process.exit());
let take: () => Probed;
// One listener for both: on a busy machine they have come before anybody listens, and are given to it at the same moment.
process.on('message', (message: ProbeOptions | 'take') => {
  if (message === 'take') process.send?.(take());
  else take = runProbe(message);
});
