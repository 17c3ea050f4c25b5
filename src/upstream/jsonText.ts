import { endOfString, isObject, type JsonObject } from './json.js';

/**
 * The `data` of an answer that is kept as text. A large answer to a client takes it over as it is; parsing and writing
 * megabytes anew would hold up everything else.
 */
export class JsonText {
  readonly #envelope: string;

  /** `envelope`: plain JSON, an object whose `data` is one, too. */
  constructor(envelope: string) {
    this.#envelope = envelope;
  }

  /** At most so many bytes. */
  get byteLength(): number {
    return Buffer.byteLength(this.#envelope);
  }

  get text(): string {
    return memberOf(this.#envelope, 'data') ?? 'null';
  }

  /** So that it is an object to whoever doesn't know better. */
  toJSON(): JsonObject | null {
    const { data } = JSON.parse(this.#envelope);
    return isObject(data) ? data : null;
  }
}

/** The text of an object's member. Of a duplicate key the last counts, as it does in JSON.parse. */
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
