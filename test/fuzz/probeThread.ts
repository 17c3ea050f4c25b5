import { parentPort, workerData } from 'node:worker_threads';
import { type ProbeOptions, runProbe } from './probe.js';

const take = runProbe(workerData as ProbeOptions);
parentPort?.on('message', () => parentPort?.postMessage(take()));
