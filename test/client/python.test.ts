import { execFile, execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { cost, scriptedUpstream, success } from '../harness.js';
import { blockOf, pageAt } from '../pages.js';
import { creatorId as id } from './everySelection.js';
import { onPort } from './onPort.js';

const folder = fileURLToPath(new URL('../../src/client', import.meta.url));

/** What a program prints as JSON, that has the client's functions and the arguments. */
async function python(code: string, ...args: string[]): Promise<unknown> {
  return JSON.parse(await printed(`import json\nfrom xingtu import ask, creators\n${code}`, ...args));
}

async function printed(code: string, ...args: string[]): Promise<string> {
  const program = `import sys\n${code}`;
  const { stdout } = await promisify(execFile)('python3', ['-B', '-c', program, ...args], { cwd: folder });
  return stdout;
}

function isInstalled(): boolean {
  try {
    execFileSync('python3', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const title = isInstalled() ? 'the client in Python' : 'the client in Python: skipped, no python3 found';

describe.skipIf(!isInstalled())(title, () => {
  it('asks for 80 creators in as few operations as the limit of calls allows, and pays for each section once', async () => {
    const { server, url, asked } = await onPort();
    const ids = Array.from({ length: 80 }, (_, nth) => `67123456789012${String(nth).padStart(5, '0')}`);
    const rows = await python(
      `
query = "query ($ids: [ID!]!) { creators(ids: $ids) { id profile { name } prices { id } cpMetrics { id } } }"
costs = []
def send(variables):
    answer = ask(sys.argv[1], query, variables)
    costs.append(answer.get("extensions", {}).get("cost"))
    return answer
rows = list(creators(send, sys.argv[2:]))
print(json.dumps({"ids": [creator["id"] for _, creator, errors in rows if not errors], "costs": costs[1:]}))
`,
      url,
      ...ids,
    );
    expect(rows).toEqual({ ids, costs: [198, 42].map((paidCalls) => cost({ paidCalls })) });
    expect(asked()).toBe(3);
    expect(new Set(server.calls).size).toBe(240);
    expect(server.calls).toHaveLength(240);
  });

  it('asks again for what may pass, pays for that alone, and has each error beside its id', async () => {
    const upstream = await scriptedUpstream((_, nth) =>
      nth === 1 ? { body: { code: 301, data: null } } : success({ nick_name: '张' }),
    );
    const { url, asked } = await onPort({ upstream, env: { UPSTREAM_RETRIES: '0' } });
    const rows = await python(
      `
query = "query ($ids: [ID!]!) { creators(ids: $ids) { id profile { name } } }"
print(json.dumps(list(creators(lambda variables: ask(sys.argv[1], query, variables), sys.argv[2:]))))
`,
      url,
      id,
      'no id',
    );
    expect(rows).toEqual([
      [id, { id, profile: { name: '张' } }, []],
      ['no id', null, [expect.objectContaining({ path: ['creators', 1] })]],
    ]);
    expect(asked()).toBe(2);
    expect(upstream.calls).toHaveLength(2);
  });

  it('does not ask again for what may have been billed', async () => {
    const upstream = await scriptedUpstream((call) =>
      call.startsWith('prices') ? { body: { code: 301, data: null } } : { body: 'no JSON' },
    );
    const { url, asked } = await onPort({ upstream, env: { UPSTREAM_RETRIES: '0' } });
    const rows = await python(
      `
query = "query ($ids: [ID!]!) { creators(ids: $ids) { id profile { name } prices { id } } }"
print(json.dumps(list(creators(lambda variables: ask(sys.argv[1], query, variables), sys.argv[2:]))))
`,
      url,
      id,
    );
    const failed = { id, profile: null, prices: null };
    expect(rows).toEqual([[id, failed, [expect.any(Object), expect.any(Object)]]]);
    expect(asked()).toBe(1);
    expect(upstream.calls).toHaveLength(2);
  });

  it('prints what docs/clients.md says it prints', async () => {
    const { server, url } = await onPort();
    const example = blockOf(pageAt('docs/clients.md'), 'python', 'from xingtu import');
    const code = `ids = sys.argv[1:]\n${example.replace('http://127.0.0.1:4000/graphql', url)}`;
    expect(await printed(code, id, 'no id')).toMatch(
      new RegExp(`^${id} {'name': '张大仙'} \\[\\]\nno id None \\[{.*'BAD_USER_INPUT'.*}\\]\n$`),
    );
    expect(server.calls).toHaveLength(1);
  });

  it('reads the reason of a refusal, whatever its status', async () => {
    const { server, url } = await onPort({ env: { API_KEYS: `dashboard:${'k'.repeat(32)}` } });
    const ask = 'print(json.dumps(ask(sys.argv[1], "{ creator(id: 1) { profile { name } } }")))';
    expect(await python(ask, url)).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
    expect(server.calls).toEqual([]);
  });
});
