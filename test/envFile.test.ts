import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigError, readConfig } from '../src/config.js';
import { withEnvFile } from '../src/envFile.js';
import { settings } from '../src/settings.js';
import { endpointNames, endpoints } from '../src/upstream/endpoints/table.js';
import { temporaryFolder, testToken } from './fixtures.js';
import { scriptedUpstream, success } from './harness.js';
import { graphqlUrl, start } from './program.js';

const read = (env: Record<string, string | undefined>) => readConfig(env, Object.values(endpoints));

async function folderWith(content: string): Promise<string> {
  const folder = await temporaryFolder();
  await writeFile(join(folder, '.env'), content);
  return folder;
}

const merged = async (content: string, env: Record<string, string> = {}) =>
  withEnvFile(env, join(await folderWith(content), '.env'));

describe('.env', () => {
  it('adds settings, which may be in quotes, of several lines, and exported', async () => {
    const content = `\ufeff# A comment\r\n\r\nPORT=1 # the port\r\nexport API_KEYS="a:1\n# b:2"\n CALL_PRICE = '3'\nHOST=\n`;
    expect(await merged(content, { PATH: '/bin' })).toEqual({
      PATH: '/bin',
      PORT: '1',
      API_KEYS: 'a:1\n# b:2',
      CALL_PRICE: '3',
      HOST: '',
    });
  });

  it('loses against the environment, also where one of the two names a file', async () => {
    const content = 'PORT=1\nJUSTONEAPI_TOKEN=from-file\nAPI_KEYS_FILE=/keys\nCALL_PRICE=5';
    const env = { PORT: '2', JUSTONEAPI_TOKEN_FILE: '/run/secrets/token', API_KEYS: '' };
    expect(await merged(content, env)).toEqual({ ...env, CALL_PRICE: '5' });
  });

  it('need not be there', async () => {
    const env = { PORT: '2' };
    expect(withEnvFile(env, join(await temporaryFolder(), '.env'))).toBe(env);
  });

  it('is a fault when it can not be read', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, '.env'));
    const reading = () => withEnvFile({}, join(folder, '.env'));
    expect(reading).toThrow(ConfigError);
    expect(reading).toThrow(`${folder}/.env: the file is there, but can't be read (EISDIR)`);
  });

  it.each(['DAILY_MAX_CALLS: 100', 'tok-SECRET', '=SECRET', 'export TOKEN'])(
    'is a fault when a line sets nothing, and the line is not repeated: %s',
    async (line) => {
      const reading = merged(`PORT=1\nAPI_KEYS="a\nb"\n${line}\n`);
      await expect(reading).rejects.toThrow(/\.env: line 4 is not NAME=value$/);
    },
  );
});

describe('.env.example', () => {
  const example = () => readFile(new URL('../.env.example', import.meta.url), 'utf8');

  it('lists every setting once, and nothing else', async () => {
    const names = [...(await example()).matchAll(/^#?([A-Z][A-Z_\d]*)=/gm)].map(([, name]) => name);
    const ttls = endpointNames.map(
      (name) => `CACHE_TTL_${name.replaceAll(/[A-Z]/g, '_$&').toUpperCase()}_SECONDS`,
    );
    expect(names.toSorted()).toEqual([...Object.keys(settings), ...ttls].toSorted());
  });

  it('changes nothing as it is, nor when the # of every default is removed', async () => {
    const text = await example();
    expect(await merged(text)).toEqual({});
    const defaults = text.replaceAll(/^#([A-Z][A-Z_\d]*=.)/gm, '$1');
    const env = await merged(defaults);
    expect(Object.keys(env).length).toBeGreaterThan(50);
    expect(read(env)).toEqual(read({}));
  });

  it('says in one line what each setting is', async () => {
    const [described = ''] = (await example()).split('# How long an answer of one endpoint is fresh.');
    const lines = described.split('\n');
    for (const [at, line] of lines.entries()) {
      if (/^#[A-Z_]+=/.test(line))
        expect([line, lines[at - 1]]).toEqual([line, expect.stringMatching(/^# .+\.$/)]);
    }
  });
});

describe('the program', () => {
  it('reads .env in the folder where it is started, also for its commands', async () => {
    const upstream = await scriptedUpstream(() => success({ nick_name: '张' }));
    const cwd = await folderWith(
      `JUSTONEAPI_TOKEN=${testToken}\nJUSTONEAPI_BASE_URL=${upstream.baseUrl}\nDAILY_MAX_CALLS=7\nSTORE_URL=redis://a`,
    );
    const env = { STORE_URL: 'sqlite:./store.db' };
    const url = await graphqlUrl(start(env, { cwd }));
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ creator(id: "6629722295873044494") { profile { name } } }' }),
    });
    expect((await response.json()).data).toEqual({ creator: { profile: { name: '张' } } });
    const stats = start(env, { cwd, args: ['store', 'stats'] });
    expect([await stats.ended, stats.err]).toEqual([0, '']);
    expect(stats.out).toContain('calls today: 1 of 7');
    expect(upstream.calls).toHaveLength(1);
  });

  it('does not start when .env is at fault, and says where', async () => {
    const running = start({}, { cwd: await folderWith('DAILY_MAX_CALLS 100') });
    expect(await running.ended).toBe(1);
    expect(running.out).toBe('');
    expect(running.err).toBe("The configuration can't be used:\n  - .env: line 1 is not NAME=value\n");
  });
});
