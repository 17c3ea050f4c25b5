import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { Pool } from 'undici';
import { endpoints } from '../../src/upstream/endpoints/table.js';
import { idsOf, queries, replies } from '../largeBodies.js';
import type { Benchmark } from './benchmark.js';
import { builtServer, startProgram } from './program.js';
import { quantile } from './statistics.js';

const atOnce = 60;
const aloneFor = 300;

/** Those of the test's queries that are answered, and take long. */
const large = ['large raws that just fit', 'long lists', 'links beside sections'] as const;

const small = `{ creators(ids: ${idsOf(3, 7)}) { profile { name } } }`;

/** How long a small query waits beside 60 large answers, in a heap of 512 MB. */
export const largeAnswers: Benchmark = {
  name: 'large',
  async run() {
    const reply = replies();
    const upstream = createServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://upstream');
      const name = Object.values(endpoints).find(({ path }) => path === pathname)?.name;
      response.end(reply(`${name} ${searchParams.get('oAuthorId')}`).body);
    }).listen(0, '127.0.0.1');
    await once(upstream, 'listening');
    const { port } = upstream.address() as AddressInfo;
    const server = await startProgram(['--max-old-space-size=512', ...builtServer], {
      ...{ PORT: '0', STORE_URL: 'memory:', LOG_LEVEL: 'warn', RESPONSE_MEMO: '0' },
      ...{ JUSTONEAPI_TOKEN: 'bench-7d1f09c2e6a84b35', JUSTONEAPI_BASE_URL: `http://127.0.0.1:${port}` },
    });
    const url = new URL(server.url);
    const client = new Pool(url.origin, { connections: atOnce + 1, headersTimeout: 0, bodyTimeout: 0 });
    const ask = async (query: string) => {
      const startedAtMs = performance.now();
      const { body } = await client.request({
        path: url.pathname,
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query }),
      });
      for await (const _ of body);
      return performance.now() - startedAtMs;
    };
    const waits = async (isOver: (count: number) => boolean) => {
      const values: number[] = [];
      for (; !isOver(values.length); await setTimeout(10)) values.push(await ask(small));
      return values;
    };

    const alone = await waits((count) => count === aloneFor);
    const series = [{ name: 'a small query alone', values: alone, base: null }];
    const bounds = [];
    for (const name of large) {
      let isOver = false;
      const beside = waits(() => isOver);
      await Promise.all(Array.from({ length: atOnce }, () => ask(queries[name])));
      isOver = true;
      const values = await beside;
      series.push({ name: `beside ${atOnce} x ${name}`, values, base: null });
      bounds.push({ what: `99th percentile beside ${name}, ms`, value: quantile(values, 0.99), most: 250 });
    }
    await client.close();
    await server.end();
    upstream.close();
    return { unit: 'ms', series, bare: [], bounds };
  },
};
