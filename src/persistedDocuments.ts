import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ConfigError } from './config.js';

/** A GraphQL document that clients ask by its id. */
export interface PersistedDocument {
  readonly text: string;
  /** The manifest that it came with, and what it is called there. */
  readonly file: string;
  readonly id: string;
}

/** By `bareId`. */
export type PersistedDocuments = ReadonlyMap<string, PersistedDocument>;

/** A SHA-256 is the same id with its prefix, as GraphQL over HTTP writes it, and without, as Apollo does. */
export function bareId(id: string): string {
  return id.replace(/^sha256:/, '');
}

const manifestForm = z.record(z.string(), z.string());

/**
 * Every document of the manifests in a folder: its `*.json`, each an object of texts by id. Null: no documents. Rejects
 * with a ConfigError that names all that is wrong with them, by file and id. Whether a document fits the schema isn't
 * looked at here: one of an older client may not, and the others must still be served.
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
        faults.push(`${file}: ${id} has another document in ${known.file}; leave one of them out`);
      } else documents.set(bareId(id), { text, file, id });
    }
  }
  if (faults.length > 0) throw unusable(faults);
  return documents;
}

async function manifestsIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw unusable([`the folder ${folder} can't be read (${messageOf(error)})`]);
  });
  const manifests = names.filter((name) => name.endsWith('.json')).sort();
  if (manifests.length === 0) {
    throw unusable([`the folder ${folder} has no *.json; codegen's client preset writes one for a client`]);
  }
  return manifests.map((name) => join(folder, name));
}

async function readManifest(file: string, faults: string[]): Promise<Readonly<Record<string, string>>> {
  try {
    const manifest = manifestForm.safeParse(parseJson(await readFile(file, 'utf8')));
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

/** What GraphQL over HTTP reserves the prefix for. Any other id means what its maker wants. */
function isHash(id: string): boolean {
  return id.startsWith('sha256:');
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function unusable(faults: readonly string[]): ConfigError {
  return new ConfigError(faults.map((fault) => `PERSISTED_DOCUMENTS: ${fault}`));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
