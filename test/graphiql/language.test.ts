import { describe, expect, it } from 'vitest';
import { languageFor } from '../../src/graphiql/browser/language.js';

describe("the language of GraphiQL's examples", () => {
  it.each([
    { preferred: ['zh-CN', 'zh', 'en'], language: 'zh' },
    { preferred: ['ZH-hant'], language: 'zh' },
    { preferred: ['en-GB', 'zh-CN'], language: 'en' },
    { preferred: ['de', 'zh-TW', 'en'], language: 'zh' },
    { preferred: ['de'], language: 'en' },
    { preferred: [], language: 'en' },
  ])('is $language for a browser that asks for $preferred', ({ preferred, language }) => {
    expect(languageFor(preferred)).toBe(language);
  });
});
