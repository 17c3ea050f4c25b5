import { parseArgs } from 'node:util';
import closeWithGrace from 'close-with-grace';
import { parseFaultRate } from './faults.js';
import { parseLatency } from './latency.js';
import { startSandbox } from './server.js';

const usage = `The stand-in upstream, alone: made-up creators over the vendor's raw HTTP, nothing is paid.

  npm run sandbox -- [options]

  --port PORT            where it listens on 127.0.0.1 (4010)
  --latency LATENCY      how long an answer takes, in milliseconds (0): 200, or evenly 200-800, or mostly quick
                         and sometimes very slow p50=800,p95=5000 (the median and the 95th percentile)
  --fail CODE=SHARE      how often it fails and how, such as 301=0.1 or timeout=0.01; may be repeated
                         (a code of the vendor's, or timeout, reset, half, broken, html, base_resp)
`;

try {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '4010' },
      latency: { type: 'string', default: '0' },
      fail: { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
  } else {
    const sandbox = await startSandbox({
      port: parsePort(values.port),
      latency: parseLatency(values.latency),
      faultRates: values.fail.map(parseFaultRate),
    });
    closeWithGrace(() => sandbox.close());
    process.stdout.write(
      `The sandbox upstream listens on ${sandbox.baseUrl}. Point the server at it:\n` +
        `  JUSTONEAPI_TOKEN=sandbox JUSTONEAPI_BASE_URL=${sandbox.baseUrl} npm start\n`,
    );
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  process.exitCode = 1;
}

function parsePort(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new Error(`Expected --port from 0 to 65535, but got "${text}".`);
}
