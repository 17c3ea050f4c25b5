import { once } from 'node:events';
import { type ProbeOptions, runProbe } from './probe.js';

process.on('disconnect', () => process.exit());
const [options] = await once(process, 'message');
const take = runProbe(options as ProbeOptions);
process.on('message', () => process.send?.(take()));
