import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path/posix';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/**
 * Files that count as nodes of their own in the graph of folders, as the top-level files of `src` do: with the folder
 * that they are in, they would make a circle.
 */
const ownNodes: Readonly<Record<string, string>> = {
  'upstream/client.ts': 'It composes the subfolders, which share the other files of its folder.',
  'upstream/section.ts': 'It is derived from the table of endpoints, which share json.ts.',
  'upstream/store/open.ts': 'It chooses a driver, and the drivers implement the port in its folder.',
  'sandbox/main.ts': 'It starts the server.',
  'sandbox/server.ts': 'It composes the bodies, which share the creators in its folder.',
};

/** Imports that only some files may have. */
const importers: readonly { readonly title: string; readonly what: RegExp; readonly only: RegExp }[] = [
  { title: 'undici are only in upstream/http', what: /^undici$/, only: /^upstream\/http\// },
  {
    title: 'close-with-grace, which handles signals, are only in main',
    what: /^close-with-grace$/,
    only: /^(sandbox\/)?main\.ts$/,
  },
  { title: 'client are in no other folder', what: /^client\//, only: /^client\// },
  { title: 'sandbox are only in main', what: /^sandbox\//, only: /^(main\.ts|sandbox\/.+)$/ },
];

/** Small modules that import nothing of ours. */
const leaves = ['csv.ts', 'errors.ts', 'logger.ts', 'money.ts', 'time.ts'];

/** The start of the program and of the sandbox. */
const mains = ['main.ts', 'sandbox/main.ts'];

interface Import {
  readonly from: string;
  /** A file in `src`, or a package. */
  readonly to: string;
  readonly isType: boolean;
}

const src = fileURLToPath(new URL('../src', import.meta.url));
const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  // Vite's configurations are of the build, and no part of the program.
  .filter((path) => /\.tsx?$/.test(path) && basename(path) !== 'vite.config.ts');
const texts = new Map(files.map((path) => [path, readFileSync(join(src, path), 'utf8')]));
const imports = files.flatMap(importsOf);

describe('imports in src', () => {
  it('are all read', () => {
    const unread = [...texts].flatMap(([file, text]) => {
      const words = text.replaceAll(/^\s*(?:\/\/|\/?\*).*$/gm, '').match(/\bfrom '|\bimport(?: '|\()/g) ?? [];
      const literal = imports.filter(({ from }) => from === file).length;
      return words.length === literal ? [] : [file];
    });
    expect(unread).toEqual([]);
    const missing = imports.filter(({ to }) => to.endsWith('.ts') && !texts.has(to));
    expect(missing).toEqual([]);
  });

  it('make no circle of files', () => {
    expect(circlesOf((file) => file)).toEqual([]);
  });

  it('make no circle of folders', () => {
    expect(circlesOf(folderNode(Object.keys(ownNodes)))).toEqual([]);
  });

  it.each(Object.keys(ownNodes))('would make a circle of folders if %s were no exception', (file) => {
    const others = Object.keys(ownNodes).filter((other) => other !== file);
    expect(circlesOf(folderNode(others))).not.toEqual([]);
  });

  it.each(importers)('of $title', ({ what, only }) => {
    const wrong = imports.filter(({ from, to }) => what.test(to) && !only.test(from));
    expect(wrong).toEqual([]);
  });

  it.each(leaves)('of our own are not in %s', (leaf) => {
    expect(imports.filter(({ from, to }) => from === leaf && texts.has(to))).toEqual([]);
  });

  it('of Node are in nothing that also runs in browsers', () => {
    const reached = new Set(imports.flatMap(({ from }) => (from.startsWith('dashboard/') ? [from] : [])));
    for (const file of reached) {
      for (const { from, to, isType } of imports) {
        if (from === file && texts.has(to) && !isType) reached.add(to);
      }
    }
    expect(reached).toContain('export/workbook.ts');
    const ofNode = imports.filter(
      ({ from, to, isType }) => reached.has(from) && /^node:/.test(to) && !isType,
    );
    expect(ofNode).toEqual([]);
  });

  it('of upstream in schema are types, except what describes endpoints and calls', () => {
    const values = imports.filter(
      ({ from, to, isType }) => from.startsWith('schema/') && to.startsWith('upstream/') && !isType,
    );
    expect(values.filter(({ to }) => !to.startsWith('upstream/endpoints/'))).toEqual([]);
    expect(values.length).toBeGreaterThan(0);
  });
});

describe('the process', () => {
  const others = [...texts].filter(([file]) => !mains.includes(file));

  it('has an environment that only main reads', () => {
    const readers = others.filter(([, text]) => /\bprocess\.env\b|\benv\b[^;]*\} = process\b/.test(text));
    expect(readers.map(([file]) => file)).toEqual([]);
  });

  it('has signals that only main handles', () => {
    // The channel between a worker and its primary is no signal.
    const handlers = others.filter(([, text]) =>
      /\bprocess\.(on|once|addListener)\((?!'message')/.test(text),
    );
    expect(handlers.map(([file]) => file)).toEqual([]);
  });
});

function importsOf(from: string): Import[] {
  const text = texts.get(from) ?? '';
  const target = (specifier: string) =>
    specifier.startsWith('.')
      ? sourceOf(join(dirname(from), specifier))
      : specifier.replace(/^(@[^/]+\/[^/]+|[^@/][^/]*).*$/, '$1');
  const statements = text.matchAll(/^(?:import|export)( type)?\s(?:[^'";]*\sfrom\s)?'([^']+)'/gm);
  const dynamic = text.matchAll(/\bimport\((?:\/\*.*?\*\/)?\s*'([^']+)'\)/g);
  return [
    ...[...statements].map(([, type, to = '']) => ({ from, to: target(to), isType: type !== undefined })),
    ...[...dynamic].map(([, to = '']) => ({ from, to: target(to), isType: false })),
  ];
}

/** The file that becomes this one. */
function sourceOf(path: string): string {
  const [script, page] = ['.ts', '.tsx'].map((ending) => path.replace(/\.js$/, ending)) as [string, string];
  return texts.has(page) ? page : script;
}

/** A file's node in the graph of folders: its folder, or the file itself. */
function folderNode(ownNodes: readonly string[]): (file: string) => string {
  return (file) => (basename(file) === file || ownNodes.includes(file) ? file : dirname(file));
}

/** The shortest circle through each node, as the imports that make it. */
function circlesOf(nodeOf: (file: string) => string): string[] {
  const edges = new Map<string, Map<string, string>>();
  for (const { from, to } of imports) {
    if (!texts.has(to) || nodeOf(from) === nodeOf(to)) continue;
    const targets = edges.get(nodeOf(from)) ?? new Map();
    edges.set(nodeOf(from), targets.set(nodeOf(to), `${from} → ${to}`));
  }
  // A file that imports itself.
  const loops = imports.filter(({ from, to }) => from === to).map(({ from, to }) => `${from} → ${to}`);
  const circles = [...edges.keys()].flatMap((start) => {
    const paths = new Map<string, readonly string[]>([[start, []]]);
    for (const [node, path] of paths) {
      for (const [next, edge] of edges.get(node) ?? []) {
        if (next === start) return [[...path, edge].sort().join(', ')];
        if (!paths.has(next)) paths.set(next, [...path, edge]);
      }
    }
    return [];
  });
  return [...new Set([...loops, ...circles])];
}
