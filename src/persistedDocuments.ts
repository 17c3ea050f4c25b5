import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ConfigError } from './config.js';
import pageManifest from './dashboard/generated/persisted-documents.json' with { type: 'json' };

/** A GraphQL document that clients name by its id. */
export interface PersistedDocument {
  readonly text: string;
  /** The manifest that has the document. */
  readonly file: string;
  /** As the manifest writes it. */
  readonly id: string;
}

/** By id, as `bareId` returns it. */
export type PersistedDocuments = ReadonlyMap<string, PersistedDocument>;

/** Removes the prefix of a SHA-256: GraphQL over HTTP writes it, and Apollo does not. */
export function bareId(id: string): string {
  return id.replace(/^sha256:/, '');
}

/** The texts of the documents of the server's own page, by id, as `bareId` returns it. They are always known. */
export const pageDocuments: ReadonlyMap<string, string> = new Map(
  Object.entries(pageManifest).map(([id, text]) => [bareId(id), text]),
);

const manifestSchema = z.record(z.string(), z.string());

/**
 * Reads the manifests in a folder: its `*.json` files, each an object of documents by id. `folder`: null for none. Rejects
 * with a ConfigError that names every fault by file and id. Documents are not validated here: one of an older client may
 * be invalid, and the others must still be served.
 */
export async function readPersistedDocuments(folder: string | null): Promise<PersistedDocuments> {
  const documents = new Map<string, PersistedDocument>();
  if (folder === null) return documents;
  const faults: string[] = [];
  for (const file of await manifestsIn(folder)) {
    for (const [id, text] of Object.entries(await readManifest(file, faults))) {
      const known = documents.get(bareId(id));
      if (isHash(id) && id !== `sha256:${sha256(text)}`) {
        faults.push(`${file}: ${id} is not the SHA-256 of its document; generate the manifest again`);
      } else if (known && known.text !== text) {
        faults.push(`${file}: ${id} has another document in ${known.file}; remove one of them`);
      } else documents.set(bareId(id), { text, file, id });
    }
  }
  if (faults.length > 0) throw configError(faults);
  return documents;
}

async function manifestsIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw configError([`the folder ${folder} can't be read (${messageOf(error)})`]);
  });
  const manifests = names.filter((name) => name.endsWith('.json')).sort();
  if (manifests.length === 0) {
    throw configError([
      `the folder ${folder} has no *.json; codegen's client preset writes one for a client`,
    ]);
  }
  return manifests.map((name) => join(folder, name));
}

async function readManifest(file: string, faults: string[]): Promise<Readonly<Record<string, string>>> {
  try {
    const manifest = manifestSchema.safeParse(parseJson(await readFile(file, 'utf8')));
    if (manifest.success) return manifest.data;
    faults.push(`${file}: expected a JSON object of documents by id, as codegen's client preset writes it`);
  } catch (error) {
    faults.push(`${file}: can't be read (${messageOf(error)})`);
  }
  return {};
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** GraphQL over HTTP reserves this prefix for hashes. Any other id has no meaning. */
function isHash(id: string): boolean {
  return id.startsWith('sha256:');
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function configError(faults: readonly string[]): ConfigError {
  return new ConfigError(faults.map((fault) => `PERSISTED_DOCUMENTS: ${fault}`));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
