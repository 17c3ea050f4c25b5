import { endOfString, isObject, type JsonObject } from './json.js';

/**
 * The `data` of a stored answer, as text. A large response copies the text, because parsing and serialising megabytes
 * would block the event loop.
 */
export class JsonText {
  readonly #envelope: string;

  /** `envelope`: JSON text of an object whose `data` is an object, too. */
  constructor(envelope: string) {
    this.#envelope = envelope;
  }

  /** The envelope's size, an upper bound for that of `data`. */
  get byteLength(): number {
    return Buffer.byteLength(this.#envelope);
  }

  get text(): string {
    return memberOf(this.#envelope, 'data') ?? 'null';
  }

  /** Lets `JSON.stringify` write it like any other object. */
  toJSON(): JsonObject | null {
    const { data } = JSON.parse(this.#envelope);
    return isObject(data) ? data : null;
  }
}

/** The text of an object's member. If a key is duplicated, the last one counts, as in JSON.parse. */
function memberOf(json: string, name: string): string | null {
  let found: string | null = null;
  let depth = 0;
  let key = '';
  let valueAt = -1;
  for (let at = 0; at < json.length; ) {
    const char = json[at];
    if (char === '"') {
      const end = endOfString(json, at);
      if (depth === 1 && valueAt < 0) key = JSON.parse(json.slice(at, end));
      at = end;
      continue;
    }
    if (char === '{' || char === '[') depth += 1;
    else if (char === '}' || char === ']') depth -= 1;
    const isEnd = (char === ',' && depth === 1) || depth === 0;
    if (char === ':' && depth === 1 && valueAt < 0) valueAt = at + 1;
    else if (isEnd && valueAt >= 0) {
      if (key === name) found = json.slice(valueAt, at).trim();
      valueAt = -1;
    }
    at += 1;
  }
  return found;
}
