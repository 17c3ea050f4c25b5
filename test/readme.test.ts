import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { errorCodes } from '../src/errors.js';
import { readStoreCommand } from '../src/operator/storeCommand.js';
import { settings } from '../src/settings.js';
import { endpoints, modelledNames } from '../src/upstream/endpoints/table.js';
import { answerOf, startTestServer, type TestServer } from './harness.js';
import { allPartsOf } from './incrementalParts.js';
import { blockOf, matchOn, type Page, pageAt } from './pages.js';

const root = fileURLToPath(new URL('../', import.meta.url));
const readme = pageAt('README.md');
const chinese = pageAt('README.zh-CN.md');
const contributing = pageAt('CONTRIBUTING.md');
const clients = pageAt('docs/clients.md');
const cost = pageAt('docs/cost.md');
const operations = pageAt('docs/operations.md');
const reliability = pageAt('docs/reliability.md');
const pages = [
  readme,
  chinese,
  contributing,
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => pageAt(`docs/${name}`)),
];

describe('README', () => {
  it('shows a query and the answer that the sandbox really gives, for the calls it says', async () => {
    const server = await startTestServer();
    expect(await server.ask(blockOf(readme, 'graphql'))).toEqual(JSON.parse(blockOf(readme, 'json')));
    expect(server.calls).toHaveLength(6);
  });

  it('has a row for every section, and how long it is fresh', () => {
    const sections = modelledNames.filter((name) => name !== 'searchCreators');
    expect(rowsOf(readme, 'What you can ask')).toEqual(
      [...sections, 'unmodelled'].map((name) => `\`${name}\``),
    );
    for (const name of sections) {
      const period = { 86400: 'a day', 21600: 'six hours' }[endpoints[name].ttlSeconds];
      expect(readme.text).toMatch(new RegExp(`^\\| \`${name}\` \\|.*\\| ${period} \\|$`, 'm'));
    }
  });

  it('fits two screens', () => {
    expect(readme.text.split('\n').length).toBeLessThanOrEqual(132);
  });

  it('links to every page', () => {
    for (const { path } of pages) if (path !== readme.path) expect(readme.text).toContain(`](${path})`);
  });
});

describe('README.zh-CN.md', () => {
  /** What both have in the same order, whatever the language: the skeleton of a page. */
  const skeletonOf = ({ text }: Page) => {
    const prose = text.replaceAll(/^```.*?^```$/gms, '');
    return {
      headings: [...prose.matchAll(/^(#+) /gm)].map(([, level]) => level),
      code: [...text.matchAll(/^```.*?^```$/gms)].map(([block]) => block),
      rows: [...prose.matchAll(/^\| (`\w+` \||\[)/gm)].map(([, first]) => first),
      links: [...prose.matchAll(/\]\(([^)]+)\)|<(http[^>]+)>/g)]
        .map(([, target, address]) => (target ?? address ?? '').replace(/\.(en|zh)\.png$/, '.png'))
        .filter((target) => !target.startsWith('README')),
      names: [...new Set([...prose.matchAll(/`([^`]+)`/g)].map(([, name]) => name))].toSorted(),
    };
  };

  it('says the same as README.md: headings, code, rows, links, and the names of fields and settings', () => {
    expect(skeletonOf(chinese)).toEqual(skeletonOf(readme));
    expect(skeletonOf(readme).names.length).toBeGreaterThan(20);
  });

  it('is in Chinese, as long as its paragraphs are', () => {
    const paragraphs = chinese.text
      .replaceAll(/^```.*?^```$/gms, '')
      .split(/\n\n+/)
      .filter((paragraph) => /\p{Script=Latin}{4,}/u.test(paragraph) && !/^(#|\[MIT\])/.test(paragraph));
    expect(paragraphs.filter((paragraph) => !/\p{Script=Han}{2,}/u.test(paragraph))).toEqual([]);
  });
});

describe('docs/cost.md', () => {
  it('shows a dry run as a command, and the answer that it really gets', async () => {
    const server = await startTestServer();
    const response = await run(server, blockOf(cost, 'sh', 'x-dry-run'));
    // The test's server doesn't know yet that a sandbox answers it.
    const { extensions, ...answer } = JSON.parse(blockOf(cost, 'json', 'dryRun'));
    expect(answer.errors[0].extensions.requestId).toMatch(/^[\da-z]{8}$/);
    delete answer.errors[0].extensions.requestId;
    expect(await answerOf(response)).toEqual({ ...answer, extensions: { cost: extensions.cost } });
    expect(extensions.sandbox).toBe(true);
    expect(server.calls).toEqual([]);
  });

  it('shows how a client and an operator learn who spent what', async () => {
    const server = await startTestServer();
    await server.ask('query Compare { creator(id: "6629722295873044494") { profile { name } } }');
    expect((await server.ask(blockOf(cost, 'graphql', 'spend'))).data).toMatchObject({
      upstream: { spend: [{ endpoint: 'PROFILE', operationName: 'Compare', calls: 1 }] },
    });
    expect(server.calls).toHaveLength(1);
    const command = matchOn(cost, /^npm run store -- (spend --.+)$/m);
    expect(readStoreCommand(command.split(' '))).not.toBeNull();
  });
});

describe('docs/clients.md', () => {
  it('shows an answer in parts as a command, and each part that it really gets', async () => {
    const server = await startTestServer();
    // Then the server knows that a sandbox answers it.
    await server.ask('{ creator(id: "6629722295873044494") { cpMetrics { id } } }');
    const shown = await allPartsOf(new Response(blockOf(clients, 'text')));
    const command = blockOf(clients, 'sh', 'multipart/mixed');
    expect(await allPartsOf(await run(server, command))).toEqual(shown);
    expect(shown).toHaveLength(2);
    expect(server.calls).toHaveLength(3);
  });

  it('shows how a document is asked by its hash, for a client whose manifest is there', async () => {
    const folder = matchOn(clients, /PERSISTED_DOCUMENTS=(\S+) npm start/);
    const server = await startTestServer({ env: { PERSISTED_DOCUMENTS: folder } });
    const answer = await (await run(server, blockOf(clients, 'sh', '"documentId"'))).json();
    expect(answer).toMatchObject({ data: { creators: [{ profile: { name: '张大仙' } }] } });
    expect(server.calls).toHaveLength(3);
  });
});

describe('docs/operations.md', () => {
  it('has a row for every setting, and for nothing else', () => {
    const names = rowsOf(operations, 'Configuration').flatMap((cell) =>
      [...cell.matchAll(/`([A-Z_]+)`/g)].map(([, name]) => name),
    );
    expect(names.toSorted()).toEqual(Object.keys(settings).toSorted());
  });

  it('has a row for every metric of ours, and for nothing else', async () => {
    const server = await startTestServer();
    const text = await (await server.fetch('/metrics')).text();
    const names = [...text.matchAll(/^# HELP (xingtu_\w+)/gm)].map(([, name]) => `\`${name}\``);
    expect(rowsOf(operations, 'Metrics').toSorted()).toEqual(names.toSorted());
  });
});

describe('docs/reliability.md', () => {
  it('has a row for every error code, and for nothing else', () => {
    expect(rowsOf(reliability, 'Errors').toSorted()).toEqual(
      errorCodes.map((code) => `\`${code}\``).toSorted(),
    );
  });
});

describe('CONTRIBUTING.md', () => {
  it('has a line for every folder of src, and for none that is gone', () => {
    const folders = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ parentPath, name }) => `\`${join(parentPath, name).slice(root.length)}/\``);
    const listed = rowsOf(contributing, 'The layout').filter((cell) => /^`src\/\w/.test(cell));
    expect(listed.toSorted()).toEqual(folders.toSorted());
  });
});

describe.each(pages.map((page) => [page.path, page] as const))('%s', (_, page) => {
  it('has links that lead somewhere', () => {
    const targets = [...withoutCode(page.text).matchAll(/\]\(([^)]+)\)/g)].map(([, target = '']) => target);
    const broken = targets.filter((target) => !/^https?:/.test(target) && !leadsSomewhere(page, target));
    expect(broken).toEqual([]);
  });
});

/** The command as a request. */
async function run(server: TestServer, command: string): Promise<Response> {
  const body = /-d '(.*)'/.exec(command)?.[1] ?? '';
  const headers = Object.fromEntries(
    [...command.matchAll(/-H '(.*?): (.*?)'/g)].map(([, name, value]) => [name, value]),
  );
  return server.fetch('/graphql', { method: 'POST', headers, body });
}

/** The first cells of the tables under a heading, without the tables' heads. */
function rowsOf({ path, text }: Page, heading: string): string[] {
  const [, section] = text.split(new RegExp(`^## ${heading}$`, 'm'));
  const rows = section?.split(/^## /m)[0]?.match(/^\|[^|]*(?=\|)/gm);
  if (!rows) throw new Error(`${path} has no table under "${heading}"`);
  const rule = rows.findIndex((row) => row.includes('---'));
  return rows.slice(rule + 1).map((row) => row.slice(1).trim());
}

function leadsSomewhere(page: Page, target: string): boolean {
  const [file = '', anchor] = target.split('#');
  const path = file === '' ? page.path : join(dirname(page.path), file);
  if (!existsSync(join(root, path))) return false;
  return anchor === undefined || anchorsOf(pageAt(path)).includes(anchor);
}

/** As GitHub makes them of headings. */
function anchorsOf({ text }: Page): string[] {
  return [...withoutCode(text).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function withoutCode(text: string): string {
  return text.replaceAll(/^```[\s\S]*?^```/gm, '');
}
