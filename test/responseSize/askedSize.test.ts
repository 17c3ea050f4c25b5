import { type GraphQLResolveInfo, Kind, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { sectionSizeOf } from '../../src/responseSize/sectionSize.js';
import { createSelectionSizes, maxBytesOf } from '../../src/responseSize/selectionSize.js';
import { schema } from '../../src/schema/index.js';
import { opaqueId } from '../../src/schema/opaqueId.js';
import { openAnswer } from '../../src/upstream/cache/entry.js';
import { callOf } from '../../src/upstream/endpoints/call.js';
import { endpoints } from '../../src/upstream/endpoints/table.js';

/** What is selected of `Unmodelled`. */
function selectionOf(fields: string) {
  const [operation] = parse(`{ section { ${fields} } }`).definitions;
  const field = operation?.kind === Kind.OPERATION_DEFINITION && operation.selectionSet.selections[0];
  const returnType = schema.getType('Unmodelled');
  return createSelectionSizes()({
    fieldNodes: [field],
    returnType,
    schema,
    fragments: {},
    variableValues: {},
  } as unknown as GraphQLResolveInfo);
}

describe('what a section says of its arguments', () => {
  const texts = ['', 'a', '"', '\\', '\u0001', '\u2028', '口', '😀'].map((text) => text.repeat(100));

  it.each(texts)('is never longer than its bound, with the keyword %j', (keyword) => {
    const args = endpoints.homepageVideos.callArgs('6712345678901234567', {
      keyword,
      page: 2_147_483_647,
      startDate: '20260101',
      endDate: '20261231',
    });
    const call = callOf('homepageVideos', args);
    const { section } = openAnswer(call, { body: null, fetchedAtMs: 0, isSandbox: true });
    const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));
    const bound = (fields: string) => maxBytesOf(selectionOf(fields), sectionSizeOf(section)).newBytes;
    expect(bytesOf({ id: opaqueId(section.key) })).toBeLessThanOrEqual(bound('id'));
    const { parameters } = args;
    expect(bytesOf({ parameters, again: parameters })).toBeLessThanOrEqual(
      bound('parameters again: parameters'),
    );
  });
});
