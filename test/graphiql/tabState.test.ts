import { describe, expect, it } from 'vitest';
import {
  contentsOfLink,
  linkTo,
  parseTabState,
  type TabContents,
  type TabState,
  tabsOf,
  withLink,
} from '../../src/graphiql/browser/tabState.js';

const page = 'https://api.example/graphql';
const query =
  'query A($id: ID!) { creator(id: $id) { id } } query B($id: ID!) { creator(id: $id) { xingtuUrl } }';
const ofText = '{\n  "id": "6629722295873044494"\n}';
// Parsed as a number, it would be rounded to another creator's id.
const ofNumber = '{ "id": 6712345678901234502 }';

let ids = 0;
const newId = () => {
  ids += 1;
  return `id-${ids}`;
};
const opened = (links: readonly TabContents[], state: TabState) =>
  links.reduce((before, link) => withLink(before, link, newId), state);
const examples = () => tabsOf([{ query: '# First\nquery Search { a }' }, { query: '{ b }' }], newId);
const openTab = ({ tabs, activeTabIndex }: TabState) => tabs[activeTabIndex];

describe('a link to a tab', () => {
  it.each([
    { query, variables: ofText, operationName: 'B' },
    { query, variables: ofNumber, operationName: null },
    { query: '{ creators(ids: ["1&2=3#4"]) { id } } # 性价比', variables: null, operationName: null },
    { query: '{ a }', variables: '{ half', operationName: null },
  ])('gives back $variables $operationName', (contents) => {
    const link = linkTo(`${page}?query=old#old`, contents);
    expect(link).toMatch(/^https:\/\/api\.example\/graphql\?query=/);
    expect(contentsOfLink(link ?? '')).toEqual(contents);
  });

  it('has its variables indented, if they were not', () => {
    const link = linkTo(page, { query, variables: '{"id":"6629722295873044494"}', operationName: null });
    expect(contentsOfLink(link ?? '')?.variables).toBe(ofText);
  });

  it('is none without a query, and none that Node.js would refuse to read', () => {
    expect(linkTo(`${page}?query=old`, { query: '', variables: ' ', operationName: null })).toBe(page);
    expect(contentsOfLink(`${page}?variables={}`)).toBeNull();
    const long = `{ ${'a'.repeat(8_000)} }`;
    expect(linkTo(page, { query: long, variables: null, operationName: null })).toBeNull();
  });
});

describe('opening a link', () => {
  it('adds a tab with its variables and its operation, and leaves the others', () => {
    const before = examples();
    const after = opened([{ query, variables: ofText, operationName: 'B' }], before);
    expect(after.tabs.slice(0, 2)).toEqual(before.tabs);
    expect(openTab(after)).toMatchObject({ title: 'B', query, variables: ofText, operationName: 'B' });
    expect(before.tabs.map(({ title }) => title)).toEqual(['Search', '<untitled>']);
  });

  it('finds the tab again that shows the same, with the operation of the link', () => {
    const links = [
      { query, variables: ofText, operationName: 'A' },
      { query, variables: ofNumber, operationName: 'A' },
      { query, variables: ofNumber, operationName: 'B' },
      { query, variables: ofText, operationName: 'A' },
    ];
    const states = links.map((_, index) => opened(links.slice(0, index + 1), examples()));
    expect(states.map(({ tabs }) => tabs.length)).toEqual([3, 4, 4, 4]);
    for (const [index, link] of links.entries()) {
      expect(openTab(states[index] as TabState)).toMatchObject({ ...link, title: link.operationName });
    }
  });

  it('stays in the open tab, when another shows the same query', () => {
    const link = { query: '{ b }', variables: null, operationName: null };
    const twice = tabsOf([link, { query: '{ a }' }, link], newId);
    expect(withLink({ ...twice, activeTabIndex: 2 }, link, newId).activeTabIndex).toBe(2);
    expect(withLink({ ...twice, activeTabIndex: 1 }, link, newId).activeTabIndex).toBe(0);
  });
});

describe('the stored tabs', () => {
  it('are read back', () => {
    const state = examples();
    expect(parseTabState(JSON.stringify(state))).toEqual(state);
  });

  it.each([null, 'null', '{', '{}', '{"tabs":[],"activeTabIndex":0}'])('are none in %s', (stored) => {
    expect(parseTabState(stored)).toBeNull();
  });
});
