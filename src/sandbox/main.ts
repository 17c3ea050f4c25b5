import { parseArgs } from 'node:util';
import closeWithGrace from 'close-with-grace';
import { parseBehaviours } from './behaviour.js';
import { parseOutage } from './outage.js';
import { sandboxEndpointNames, startSandbox } from './server.js';

const usage = `The sandbox, a stand-in for upstream: made-up creators in the vendor's JSON over HTTP. Nothing is paid.

  npm run sandbox -- [options]

  --port PORT                the port on 127.0.0.1 (4010)
  --latency [OF:]LATENCY     how long an answer takes, in milliseconds (0): 200, or uniformly distributed 200-800, or
                             log-normally distributed p50=800,p95=5000 (the median and the 95th percentile)
  --fail [OF:]CODE=SHARE     how often calls fail and how, such as 301=0.1 or timeout=0.01 (a code of the vendor, or
                             timeout, broken, html, reset, half, base_resp, drip, gzip, huge, redirect)
  --outage EVERY/FOR         resets every connection for some time, in seconds: 300/30 is the last 30 of every 300

--latency and --fail may be repeated. OF limits them to one creator by its id, or to one endpoint by its name
(${sandboxEndpointNames.join(', ')}): prices:5000.
`;

try {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '4010' },
      latency: { type: 'string', multiple: true, default: [] },
      fail: { type: 'string', multiple: true, default: [] },
      outage: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
  } else {
    const sandbox = await startSandbox({
      port: parsePort(values.port),
      ...parseBehaviours(values.latency, values.fail, sandboxEndpointNames),
      ...(values.outage === undefined ? {} : { outage: parseOutage(values.outage) }),
    });
    closeWithGrace(() => sandbox.close());
    process.stdout.write(
      `The sandbox listens on ${sandbox.baseUrl}. Start the server with it:\n` +
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
