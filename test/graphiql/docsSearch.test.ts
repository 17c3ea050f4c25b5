import { buildClientSchema, introspectionFromSchema } from 'graphql';
import { describe, expect, it } from 'vitest';
import { searchDocs } from '../../src/graphiql/browser/docsSearch.js';
import { schema } from '../../src/schema/index.js';

const asGraphiqlHasIt = buildClientSchema(introspectionFromSchema(schema));
const found = (text: string) =>
  searchDocs(asGraphiqlHasIt, text).map(({ type, member }) =>
    member ? `${type.name}.${member.name}` : type.name,
  );

describe('the search of the documentation', () => {
  it.each([
    { term: '性价比', first: 'Creator.cpMetrics' },
    { term: '达人报价', first: 'Creator.prices' },
    { term: '观众画像', first: 'Creator.audience' },
    { term: '粉丝画像', first: 'Creator.followers' },
    { term: '连接用户', first: 'Creator.connectedUsers' },
    { term: '爆文率', first: 'CpMetrics.viralRate' },
    { term: '高性价比达人', first: 'CreatorList.HIGH_VALUE_CREATORS' },
  ])('finds $first by $term', ({ term, first }) => {
    expect(found(term)[0]).toBe(first);
  });

  it('finds names whatever their case is: the same name, then a part of it, then descriptions', () => {
    const results = found(' CPMETRICS ');
    expect(results.slice(0, 2)).toEqual(['Creator.cpMetrics', 'CpMetrics']);
    expect(found('viralRate').at(0)).toBe('CpMetrics.viralRate');
    expect(found("creator's value for money")).toEqual(['Creator.cpMetrics', 'CpMetrics']);
  });

  it('finds arguments of a search in the input types, and never the types of introspection', () => {
    expect(found('followerCount')).toContain('CreatorFilter.followerCount');
    expect(found('__')).toEqual([]);
  });

  it('finds nothing for nothing, and at most 50', () => {
    expect(found('  ')).toEqual([]);
    expect(found('没有这个词')).toEqual([]);
    expect(found('e')).toHaveLength(50);
  });
});
