import { readFileSync } from 'node:fs';

/** A page of the documentation, by its path from the root. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

/** Reads a page. Throws when there is none. */
export function pageAt(path: string): Page {
  return { path, text: readFileSync(new URL(`../${path}`, import.meta.url), 'utf8') };
}

/** The page's code blocks of this language, without the indent of the list that they stand in. */
export function blocksOf({ text }: Page, language: string): string[] {
  const fenced = new RegExp(`^( *)\`\`\`${language}\\n([\\s\\S]*?)^\\1\`\`\``, 'gm');
  return [...text.matchAll(fenced)].map(([, indent = '', block = '']) =>
    block.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  );
}

/** The page's code block of this language with this text in it. Throws when there is none. */
export function blockOf(page: Page, language: string, mark = ''): string {
  const found = blocksOf(page, language).find((block) => block.includes(mark));
  if (found === undefined)
    throw new Error(`${page.path} has no block of ${language} with ${JSON.stringify(mark)}`);
  return found;
}

/** What the pattern's group matches on the page. Throws when it matches nothing. */
export function matchOn({ path, text }: Page, pattern: RegExp): string {
  const found = pattern.exec(text)?.[1];
  if (found === undefined) throw new Error(`${path} has nothing that matches ${pattern}`);
  return found;
}
