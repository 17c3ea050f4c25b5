import type { Answer } from './harness.js';

/** A part as it came: the first has data, the others patch it. */
export type Part = Partial<Answer> & {
  readonly hasNext?: boolean;
  readonly incremental?: readonly Patch[];
};

type Patch = Pick<Answer, 'errors'> & {
  readonly path: readonly (string | number)[];
  readonly label?: string;
  // biome-ignore lint/suspicious/noExplicitAny: it has the shape that the test's own query gives it
  readonly data?: any;
  readonly items?: readonly unknown[];
};

/** The parts of an answer, be it multipart or events, each as soon as it is there. One in JSON is its only part. */
export async function* partsOf({ body }: Response): AsyncGenerator<Part, void> {
  const decoder = new TextDecoder();
  let unread = '';
  for await (const chunk of body ?? []) {
    unread += decoder.decode(chunk, { stream: true });
    for (;;) {
      const [whole, part] = /^(?:data: )?(\{.*\})\r?\n/m.exec(unread) ?? [];
      if (!whole || !part) break;
      unread = unread.slice(unread.indexOf(whole) + whole.length);
      yield JSON.parse(part);
    }
  }
  if (unread.startsWith('{')) yield JSON.parse(unread);
}

export async function allPartsOf(response: Response): Promise<Part[]> {
  const parts: Part[] = [];
  for await (const part of partsOf(response)) parts.push(part);
  return parts;
}

/** What a client has in the end: the data patched together, all errors, and the extensions of the last part. */
export function merged([first, ...later]: readonly Part[]): Answer {
  const all = { data: structuredClone(first?.data) };
  const patches = later.flatMap(({ incremental = [] }) => incremental);
  for (const { path, data, items } of patches) {
    const at = items ? path.slice(0, -1) : path;
    const place = at.reduce((value, key) => value[key], all.data);
    const start = Number(path.at(-1));
    if (data) mergeInto(place, data);
    for (const [offset, item] of (items ?? []).entries()) place[start + offset] = item;
  }
  const errors = [first, ...later, ...patches].flatMap((part) => part?.errors ?? []);
  const { extensions } = [first, ...later].at(-1) ?? {};
  return { ...all, ...(errors.length > 0 && { errors }), ...(extensions && { extensions }) };
}

// biome-ignore lint/suspicious/noExplicitAny: JSON
function mergeInto(target: any, source: any): void {
  for (const [key, value] of Object.entries(source)) {
    const isKnown = Object.hasOwn(target, key) && target[key] !== null;
    if (isKnown && typeof value === 'object' && value !== null) mergeInto(target[key], value);
    else target[key] = value;
  }
}
