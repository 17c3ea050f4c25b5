import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parse } from 'graphql';
import { describe, expect, expectTypeOf, it, vi } from 'vitest';
import type { apolloClient } from '../../src/client/apollo.js';
import type { Cost as ClientCost } from '../../src/client/cost.js';
import type { Row } from '../../src/client/fetch.js';
import type { urqlClient } from '../../src/client/graphcache.js';
import type { Cost } from '../../src/cost/report.js';
import { atEnd, temporaryFolder } from '../fixtures.js';
import { blockOf, pageAt } from '../pages.js';
import { creatorId as id } from './everySelection.js';
import { onPort } from './onPort.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = join(root, 'src/client');
const page = pageAt('docs/clients.md');
const generated = ['possibleTypes.ts', 'introspection.ts'];
const settings = readdirSync(folder).filter((name) => ![...generated, 'generate.ts'].includes(name));

const query = `{ creator(id: "${id}") { id profile { id name } } }`;

/** What the page's example of a file defines under a name, for a server of the test's own. */
async function exampleOf<T>(file: string, mark: string, name: string, url: string): Promise<T> {
  // Where packages are found, and nothing is looked at by anything else.
  await mkdir(join(root, 'dist'), { recursive: true });
  const temporary = await mkdtemp(join(root, 'dist', 'example-'));
  atEnd(() => rm(temporary, { recursive: true }));
  const example = blockOf(page, 'ts', mark).replace('http://127.0.0.1:4000/graphql', url);
  const imported = ['apolloClient', 'urqlClient', 'askForCreators', 'ask'].filter((known) =>
    example.includes(`${known}(`),
  );
  const module = join(temporary, 'example.ts');
  await writeFile(
    module,
    `import { ${imported} } from '${join(folder, file)}';\nconst ids = ['${id}'];\n${example}\nexport { ${name} };\n`,
  );
  return (await import(module))[name];
}

/** What was logged on the console since, instead of being printed. */
function logged(): unknown[] {
  const lines: unknown[] = [];
  const log = vi.spyOn(console, 'log').mockImplementation((line) => lines.push(line));
  atEnd(async () => log.mockRestore());
  return lines;
}

describe('docs/clients.md', () => {
  it.each(settings)('shows src/client/%s as it is', (name) => {
    const isPython = name.endsWith('.py');
    const mark = `${isPython ? '#' : '//'} src/client/${name}\n`;
    const text = readFileSync(join(folder, name), 'utf8');
    expect(blockOf(page, isPython ? 'python' : 'ts', mark)).toBe(mark + text);
  });

  it('shows how Apollo Client is made, and tells its costs', async () => {
    const { server, url } = await onPort();
    const lines = logged();
    const client = await exampleOf<ReturnType<typeof apolloClient>>(
      'apollo.ts',
      "apolloClient('http",
      'client',
      url,
    );
    const { data } = await client.query({ query: parse(query) });
    expect(data).toMatchObject({ creator: { profile: { name: '张大仙' } } });
    expect(lines).toEqual([1]);
    expect(server.calls).toHaveLength(1);
    client.stop();
  });

  it("shows how urql's client is made, and tells its costs", async () => {
    const { server, url } = await onPort();
    const lines = logged();
    const client = await exampleOf<ReturnType<typeof urqlClient>>(
      'graphcache.ts',
      "urqlClient('http",
      'client',
      url,
    );
    const { data } = await client.query(query, {}).toPromise();
    expect(data).toMatchObject({ creator: { profile: { name: '张大仙' } } });
    expect(lines).toEqual([1]);
    expect(server.calls).toHaveLength(1);
  });

  it('shows how the plain client asks for creators', async () => {
    const { server, url } = await onPort();
    const rows = await exampleOf<Row<unknown>[]>('fetch.ts', 'await askForCreators(', 'rows', url);
    expect(rows).toEqual([{ id, creator: { profile: { name: '张大仙' } }, errors: [] }]);
    expect(server.calls).toHaveLength(1);
  });
});

describe('npm run codegen', () => {
  it('has written for clients what the schema is now', async () => {
    const temporary = await temporaryFolder();
    await run(join(root, 'node_modules/.bin/tsx'), [join(folder, 'generate.ts'), temporary]);
    for (const name of generated) {
      expect(await readFile(join(temporary, name), 'utf8')).toBe(readFileSync(join(folder, name), 'utf8'));
    }
  });
});

describe("the clients' type of extensions.cost", () => {
  it("is the server's own, without the calls of x-cost-debug", () => {
    expectTypeOf<ClientCost>().toEqualTypeOf<Omit<Cost, 'calls'>>();
  });
});
