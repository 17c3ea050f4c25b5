import { describe, expect, it } from 'vitest';
import { columns, defaultColumnKeys, headingOf, sectionsOf } from '../src/columns/columns.js';
import { cellOf, selectionOf } from '../src/columns/selection.js';
import { cost, sandboxUpstream, startTestServer } from './harness.js';

const id = '6629722295873044494';

describe('the columns of tables', () => {
  it('have a key of their own each, and titles in both languages', () => {
    expect(new Set(columns.map(({ key }) => key)).size).toBe(columns.length);
    expect(
      columns.filter(({ zh, en }) => !/\p{Script=Han}|MCN|CP[ME]/u.test(zh) || /\p{Script=Han}/u.test(en)),
    ).toEqual([]);
    expect(defaultColumnKeys.filter((key) => !columns.some((column) => column.key === key))).toEqual([]);
  });

  it('name fields that the schema has, and call only their sections', async () => {
    const upstream = await sandboxUpstream();
    const server = await startTestServer({ upstream });
    const { data, errors, extensions } = await server.ask(
      `{ creator(id: "${id}") { ${selectionOf(columns)} } }`,
    );
    expect(errors).toBeUndefined();
    expect(extensions?.cost).toEqual(cost({ paidCalls: sectionsOf(columns).length }));
    expect(Object.keys(data.creator).toSorted()).toEqual(
      [...sectionsOf(columns), 'id', 'xingtuUrl'].toSorted(),
    );
    const values = Object.fromEntries(columns.map((column) => [column.key, cellOf(column, data.creator)]));
    expect(values).toMatchObject({
      id,
      name: '张大仙',
      followers: 42_796_417,
      price21To60: 659_100,
      viralRate: 0.12,
    });
    expect(values['tags']).toEqual(expect.arrayContaining([expect.any(String)]));
  });

  it('are null where upstream has nothing, and where a section failed', () => {
    const [column] = columns.filter(({ key }) => key === 'price21To60');
    const paths = [{}, { prices: null }, { prices: { byDuration: { seconds21To60: null } } }];
    for (const creator of paths) expect(cellOf(column as (typeof columns)[number], creator)).toBeNull();
  });

  it('have units in their titles where the values do not show them', () => {
    const titles = columns.filter(({ key }) => key === 'price21To60' || key === 'viralRate');
    expect(titles.map((column) => headingOf(column, 'zh'))).toEqual(['21–60 秒报价（元）', '爆文率']);
    expect(titles.map((column) => headingOf(column, 'en'))).toEqual(['Price, 21–60 s (CNY)', 'Viral rate']);
  });
});
