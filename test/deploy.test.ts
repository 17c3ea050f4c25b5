import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { settings } from '../src/settings.js';
import { startTestServer } from './harness.js';

const fileAt = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');

// biome-ignore lint/suspicious/noExplicitAny: each file has a shape of its own
const yamlAt = (path: string): any[] =>
  parseAllDocuments(fileAt(path), { merge: true }).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS();
  });

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
    expectSettings(
      [...fileAt('deploy/xingtu-graphql.service').matchAll(/(?<=^Environment=.*)\b[A-Z_]+(?==)/gm)].map(
        String,
      ),
    );
    expectSettings([...fileAt('Dockerfile').matchAll(/(?<=^ENV .*)\b[A-Z_]+(?==)/gm)].map(String));
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
