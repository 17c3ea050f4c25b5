import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonText } from '../../src/upstream/jsonText.js';
import { seed } from '../seed.js';

const both = (envelope: string) => {
  const json = new JsonText(envelope);
  return { text: JSON.parse(json.text), value: json.toJSON() };
};

describe('the data of an answer that is stored as text', () => {
  it('is cut out of the text as JSON.parse would find it, whatever is around it', () => {
    const members = fc.array(fc.tuple(fc.constantFrom('code', 'data ', 'message', 'd'), fc.jsonValue()));
    const data = fc.dictionary(fc.string(), fc.jsonValue());
    const space = fc.constantFrom(undefined, 1, '\t');
    fc.assert(
      fc.property(members, data, members, space, (before, data, after, space) => {
        const envelope = Object.fromEntries([...before, ['data', data], ...after]);
        const expected = JSON.parse(JSON.stringify(envelope)).data;
        expect(both(JSON.stringify(envelope, null, space))).toEqual({ text: expected, value: expected });
      }),
      { seed },
    );
  });

  it('is the last of several, and its key may be escaped', () => {
    const envelope = '{"data": {"a": {"data": 1}}, "code": 0, "d\\u0061ta" : {"b": "}\\","} }';
    expect(both(envelope)).toEqual({ text: { b: '}",' }, value: { b: '}",' } });
  });

  it('knows how many bytes it has at most', () => {
    const data = { name: '达人' };
    const json = new JsonText(JSON.stringify({ code: 0, data }));
    expect(json.byteLength).toBeGreaterThanOrEqual(Buffer.byteLength(JSON.stringify(data)));
  });
});
