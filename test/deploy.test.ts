import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { readConfig } from '../src/config.js';
import { settings } from '../src/settings.js';
import { endpoints } from '../src/upstream/endpoints/table.js';
import { temporaryFolder, testToken } from './fixtures.js';
import { startTestServer } from './harness.js';

const fileAt = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');

// biome-ignore lint/suspicious/noExplicitAny: each file has a shape of its own
const yamlAt = (path: string): any[] =>
  parseAllDocuments(fileAt(path), { merge: true }).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS();
  });

/** The variables that lines with this beginning set: `NAME=value NAME=value`. */
const assignmentsIn = (path: string, beginning: string): Record<string, string> => {
  const lines = fileAt(path)
    .split('\n')
    .filter((line) => line.startsWith(beginning));
  const text = lines.map((line) => line.slice(beginning.length)).join(' ');
  return Object.fromEntries([...text.matchAll(/([A-Z_]+)=(\S*)/g)].map(([, name, value]) => [name, value]));
};

const known = new Set(Object.keys(settings).flatMap((name) => [name, `${name}_FILE`]));
const ofOthers = ['NODE_ENV'];

const expectSettings = (names: readonly string[]) => {
  expect(names.length).toBeGreaterThan(0);
  expect(names.filter((name) => !known.has(name) && !ofOthers.includes(name))).toEqual([]);
};

describe('the examples of deployments', () => {
  it('have only settings that exist', () => {
    const [compose] = yamlAt('compose.yaml');
    expectSettings(Object.keys(compose.services['server-1'].environment));
    const [deployment] = yamlAt('deploy/kubernetes.yaml');
    const [container] = deployment.spec.template.spec.containers;
    expectSettings(container.env.map(({ name }: { name: string }) => name));
    expectSettings(Object.keys(assignmentsIn('deploy/xingtu-graphql.service', 'Environment=')));
    expectSettings(Object.keys(assignmentsIn('Dockerfile', 'ENV ')));
  });

  it('have settings that a server starts with, beside those of the image', async () => {
    const folder = await temporaryFolder();
    const secrets: Readonly<Record<string, string>> = {
      JUSTONEAPI_TOKEN_FILE: testToken,
      API_KEYS_FILE: 'me:a-key-of-mine,scraper:a-key-to-scrape:metrics',
      STORE_URL_FILE: 'redis://:password@redis',
    };
    for (const [name, secret] of Object.entries(secrets)) await writeFile(join(folder, name), secret);
    const read = (env: Readonly<Record<string, string>>) =>
      readConfig(
        Object.fromEntries(
          Object.entries(env).map(([name, value]) => [name, secrets[name] ? join(folder, name) : value]),
        ),
        Object.values(endpoints),
      );
    const image = assignmentsIn('Dockerfile', 'ENV ');
    const [{ services }] = yamlAt('compose.yaml');
    const compose: Record<string, string> = services['server-1'].environment;
    expect(read({ ...image, ...compose, DAILY_MAX_CALLS: '1000' })).toMatchObject({
      token: testToken,
      storeUrl: 'redis://valkey',
    });
    const [{ spec }] = yamlAt('deploy/kubernetes.yaml');
    const env: { name: string; value: string }[] = spec.template.spec.containers[0].env;
    const kubernetes = Object.fromEntries(env.map(({ name, value }) => [name, value]));
    expect(read({ ...image, ...kubernetes })).toMatchObject({
      token: testToken,
      storeUrl: secrets['STORE_URL_FILE'],
    });
    const unit = assignmentsIn('deploy/xingtu-graphql.service', 'Environment=');
    expect(() => read(unit)).toThrow('JUSTONEAPI_TOKEN: is set but empty');
    expect(read({ ...unit, JUSTONEAPI_TOKEN: testToken })).toMatchObject({ token: testToken, workers: 2 });
    expect(read({ ...unit, JUSTONEAPI_TOKEN_FILE: 'its file' })).toMatchObject({ token: testToken });
  });

  it('wait for an end longer than it may take', () => {
    const timeoutSeconds = Number(/SHUTDOWN_TIMEOUT_SECONDS=(\d+)/.exec(fileAt('.env.example'))?.[1]);
    const [compose] = yamlAt('compose.yaml');
    const [deployment] = yamlAt('deploy/kubernetes.yaml');
    const unit = /^TimeoutStopSec=(\d+)$/m.exec(fileAt('deploy/xingtu-graphql.service'))?.[1];
    for (const waits of [
      Number.parseInt(compose.services['server-1'].stop_grace_period, 10),
      deployment.spec.template.spec.terminationGracePeriodSeconds,
      Number(unit),
    ]) {
      expect(waits).toBeGreaterThan(timeoutSeconds);
    }
  });

  it('copy and mount only files that exist', () => {
    const [compose] = yamlAt('compose.yaml');
    const mounts = Object.values<{ volumes?: string[] }>(compose.services).flatMap(
      ({ volumes = [] }) => volumes,
    );
    const files = mounts
      .map((mount) => mount.split(':')[0] ?? '')
      .filter((path) => path.startsWith('./deploy'));
    expect(files).toHaveLength(5);
    for (const file of files)
      expect(spawnSync('test', ['-e', fileURLToPath(new URL(`../${file}`, import.meta.url))]).status).toBe(0);
  });

  it('watch only metrics that exist, with labels that exist', async () => {
    const server = await startTestServer();
    await server.ask('{ creator(id: "6629722295873044494") { profile { name } } nonsense }');
    await server.ask(
      '{ creator(id: "6629722295873044494") { profile { name } } creators(ids: ["1"]) { id } }',
    );
    const text = await (await server.fetch('/metrics')).text();
    const existing = new Set(
      [...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].flatMap(([, name, type]) =>
        type === 'histogram' ? [`${name}_bucket`, `${name}_count`, `${name}_sum`] : [`${name}`],
      ),
    );
    const watched = ['deploy/alerts.yml', 'deploy/grafana/dashboards/xingtu.json'].flatMap((path) => [
      ...new Set([...fileAt(path).matchAll(/\bxingtu_\w+/g)].map(String)),
    ]);
    expect(watched.length).toBeGreaterThan(20);
    expect(watched.filter((name) => !existing.has(name))).toEqual([]);
    expect(server.calls).toHaveLength(1);
  });
});

describe.skipIf(spawnSync('promtool', ['--version']).error)('for Prometheus', () => {
  const promtool = (...args: string[]) =>
    spawnSync('promtool', args, {
      cwd: fileURLToPath(new URL('../deploy', import.meta.url)),
      encoding: 'utf8',
    });

  it.each([
    ['the rules are valid', ['check', 'rules', 'alerts.yml']],
    ['the rules alert when they should', ['test', 'rules', 'alerts.test.yml']],
    ['the scrapes are configured', ['check', 'config', '--syntax-only', 'prometheus.yml']],
  ])('%s', (_, args) => {
    const { status, stdout, stderr } = promtool(...args);
    expect([status, status === 0 ? '' : stdout + stderr]).toEqual([0, '']);
  });
});

describe('the scripts of package.json', () => {
  it('run in PowerShell and cmd, too', () => {
    const { scripts } = JSON.parse(fileAt('package.json'));
    for (const [name, command] of Object.entries<string>(scripts)) {
      // Variables before a command, single quotes, and what only a shell of POSIX knows.
      expect(`${name}: ${command}`).not.toMatch(/: [A-Z_]+=|'|\$|;|\brm\b|\bcp\b|\bmkdir\b/);
    }
  });
});
