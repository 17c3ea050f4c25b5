import { execFile, spawn, spawnSync } from 'node:child_process';
import { chmod, cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { isPermissive } from '../build/thirdParty.js';
import { atEnd, temporaryFolder } from './fixtures.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));
const nobody = 65_534;

/** What `npm pack` puts into the package, in a folder, with what `npm install` would install beside it. */
async function installed(): Promise<string> {
  const folder = await temporaryFolder();
  await chmod(folder, 0o755);
  const { stdout } = await run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: root });
  const [{ files }] = JSON.parse(stdout) as [{ files: { path: string }[] }];
  for (const { path } of files) {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await cp(join(root, path), join(folder, path));
  }
  const { packages } = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8'));
  for (const [path, { dev }] of Object.entries<{ dev?: true }>(packages)) {
    if (path === '' || dev) continue;
    await cp(join(root, path), join(folder, path), { recursive: true }).catch(ignoreMissing);
  }
  return folder;
}

/** Packages of other platforms are not there. */
function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}

/** The program's first line of output, and a way to end it. */
async function startIn(folder: string, { uid }: { readonly uid?: number } = {}) {
  // Another user may not be able to run this Node, so the process changes its user itself.
  const become =
    uid === undefined
      ? []
      : ['--import', `data:text/javascript,process.setgid(${uid});process.setuid(${uid})`];
  const child = spawn(process.execPath, [...become, join(folder, 'dist/main.js')], {
    cwd: folder,
    env: { PATH: process.env['PATH'], PORT: '0', SHUTDOWN_DELAY_SECONDS: '0', SHUTDOWN_DRAIN_SECONDS: '0' },
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  atEnd(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  const line = await Promise.race([
    new Promise<string>((resolve) => child.stdout.once('data', (chunk) => resolve(String(chunk)))),
    ended.then((code) => `ended with ${code}: ${errors}`),
  ]);
  const end = () => {
    child.kill('SIGTERM');
    return ended;
  };
  return { url: /http:\S+\/graphql/.exec(line)?.[0] ?? line, end };
}

describe('the package', () => {
  it('has what the server needs, without its sources, and runs as any user from a tree that it can only read', async () => {
    const folder = await installed();
    expect((await readdir(folder)).sort()).toEqual(
      expect.arrayContaining([
        'LICENSE',
        'README.md',
        'dist',
        'node_modules',
        'package.json',
        'schema.graphql',
      ]),
    );
    expect(await readdir(folder)).not.toContain('src');
    const isRoot = process.getuid?.() === 0;
    if (!isRoot) spawnSync('chmod', ['-R', 'a-w', folder]);
    const server = await startIn(folder, isRoot ? { uid: nobody } : {});
    const query = '{ creator(id: "6629722295873044494") { profile { name } } }';
    const response = await fetch(`${server.url}?query=${encodeURIComponent(query)}`, {
      headers: { accept: 'application/json' },
    });
    expect(await response.json()).toMatchObject({ data: { creator: { profile: { name: '张大仙' } } } });
    for (const path of ['/', '/graphql']) {
      const page = await fetch(new URL(path, server.url), { headers: { accept: 'text/html' } });
      expect([page.status, page.headers.get('content-type')]).toEqual([
        200,
        expect.stringContaining('text/html'),
      ]);
    }
    expect(await server.end()).toBe(0);
    if (!isRoot) spawnSync('chmod', ['-R', 'u+w', folder]);
  });

  it('has the commands, whose program can be started by its name', async () => {
    const folder = await installed();
    const { bin } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    const program = join(folder, bin['xingtu-graphql']);
    expect(await readFile(program, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
    const at = async (...args: string[]) =>
      (await run(process.execPath, [program, ...args], { cwd: folder })).stdout;
    expect(await at('--version')).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(await at('store', '--help')).toContain('The store, for operators.');
    await writeFile(join(folder, 'list.csv'), '6629722295873044494\n');
    await at('export', 'list.csv', '-o', 'out.csv', '--yes');
    expect(await readFile(join(folder, 'out.csv'), 'utf8')).toContain('张大仙');
  });

  it('names every package of others, with its licence', async () => {
    const bill = JSON.parse(await readFile(join(root, 'dist/sbom.cdx.json'), 'utf8'));
    const names = bill.components.map(({ name }: { name: string }) => name);
    expect(names).toEqual(
      expect.arrayContaining(['graphql', 'graphql-yoga', 'undici', 'react', 'echarts', 'graphiql', 'libsql']),
    );
    const texts = await readFile(join(root, 'dist/third-party-licenses.txt'), 'utf8');
    for (const { name, version } of bill.components) expect(texts).toContain(`${name} ${version} (`);
    for (const { licenses } of bill.components) expect(isPermissive(licenses[0].expression)).toBe(true);
  });
});

it.each([
  ['MIT', true],
  ['(MIT OR GPL-3.0-only)', true],
  ['MIT AND Zlib', true],
  ['MIT AND MPL-2.0', false],
  ['GPL-3.0-only', false],
  ['Elastic-2.0', false],
  ['none', false],
])('the licence %s is permissive: %s', (license, expected) => {
  expect(isPermissive(license)).toBe(expected);
});

it('a tree without the packages that build it says what to run, or starts what is built', async () => {
  const folder = await temporaryFolder();
  for (const path of ['build.js', 'build', 'package.json', 'package-lock.json'])
    await cp(join(root, path), join(folder, path), { recursive: true });
  await mkdir(join(folder, 'src'));
  await writeFile(join(folder, 'src/main.ts'), '');
  const build = () =>
    spawnSync(process.execPath, ['build.js', '--if-changed'], { cwd: folder, encoding: 'utf8' });
  const missing = build();
  expect([missing.status, missing.stderr]).toEqual([
    1,
    'The packages that build dist/ are not installed. Run: npm ci --include=dev && npm run build\n',
  ]);
  await mkdir(join(folder, 'dist'));
  await writeFile(join(folder, 'dist/main.js'), '');
  const old = build();
  expect([old.status, old.stderr]).toEqual([
    0,
    'A source is newer than dist/, which is used as it is: the packages that build it are not installed.\n',
  ]);
});
