import { describe, expect, it } from 'vitest';
import { columns, sectionOf } from '../../src/columns/columns.js';
import { exportUsage, readExportOptions } from '../../src/export/exportOptions.js';
import { startTestServer } from '../harness.js';
import { blockOf, matchOn, pageAt } from '../pages.js';
import { exportWith, fileWith } from './material.js';

const page = pageAt('docs/export.md');

function optionsIn(text: string): readonly string[] {
  return [...new Set(text.match(/--[a-z]+/g))].toSorted();
}

describe('docs/export.md', () => {
  it('has a row for every option that the command prints, and each is one', () => {
    const rows = page.text.split('\n').filter((line) => line.startsWith('| `-'));
    const names = optionsIn(rows.map((row) => row.split('|')[1]).join());
    expect(names).toEqual(optionsIn(exportUsage));
    expect(names).toHaveLength(10);
  });

  it('shows a command that is one', () => {
    const command = matchOn(page, /^npm run export -- (.+)$/m);
    expect(readExportOptions(command.split(' '), {})).toMatchObject({
      input: 'creators.csv',
      output: 'creators.xlsx',
      format: 'xlsx',
    });
  });

  it('has a row for every section, with all its columns', () => {
    const sections = new Map(
      columns.map((column) => [
        sectionOf(column),
        columns.filter((other) => sectionOf(other) === sectionOf(column)),
      ]),
    );
    for (const [section, found] of sections) {
      const keys = found.map(({ key }) => `\`${key}\``).join(', ');
      expect(page.text).toContain(
        `| ${section === null ? 'none, so they cost nothing' : `\`${section}\``} | ${keys} |\n`,
      );
    }
  });

  it('shows an address, and what it really answers', async () => {
    const server = await startTestServer();
    const [, path = ''] = /:4000(\S+)'/.exec(blockOf(page, 'sh', 'curl')) ?? [];
    const response = await server.fetch(path);
    expect(await response.text()).toBe(blockOf(page, 'text', '张大仙').replaceAll('\n', '\r\n'));
    expect(response.headers.get('x-cost')).toBe(matchOn(page, /^request cost: `(.+)`\./m));
    expect(server.calls).toHaveLength(4);
  });

  it('shows a query that the command takes', async () => {
    const query = await fileWith(blockOf(page, 'graphql'), 'list.graphql');
    const list = await fileWith('6629722295873044494');
    await expect(exportWith([list, '-o', '-', '--query', query])).rejects.toThrow(
      'Expected nothing to be asked',
    );
  });
});
