import { crc32 } from 'node:zlib';
import { LRUCache } from 'lru-cache';
import { Doorkeeper } from './doorkeeper.js';

/** The texts of the cached documents. A parsed document takes about a hundred times its text. */
const maxCharacters = 262_144;

/** Documents by their text, as Yoga caches them. */
interface DocumentCache<Document extends object> {
  get(text: string): Document | undefined;
  set(text: string, document: Document): void;
}

/** Yoga's own cache bounds their number, and 1,024 of the largest would take over a gigabyte. */
export function createDocumentCache<Document extends object>(): DocumentCache<Document> {
  const documents = new LRUCache<string, Document>({
    maxSize: maxCharacters,
    sizeCalculation: (_, text) => text.length + 1,
  });
  return {
    get: (text) => documents.get(text),
    set: (text, document) => void documents.set(text, document),
  };
}

/** Caches only what is set a second time. One-off documents would be garbage that outlives the young generation. */
export function behindDoorkeeper<Document extends object>(
  cache: DocumentCache<Document>,
): DocumentCache<Document> {
  const doorkeeper = new Doorkeeper();
  return {
    get: (text) => cache.get(text),
    set: (text, document) => {
      if (doorkeeper.admit(crc32(text) | 0)) cache.set(text, document);
    },
  };
}
