import type { Answer } from './harness.js';

/** An initial or subsequent result as a client gets it. */
export type DeliveredAnswer = Partial<Answer> & {
  readonly hasNext?: boolean;
  readonly incremental?: readonly IncrementalAnswer[];
};

/** What one deferred fragment or one streamed item gave. */
type IncrementalAnswer = Pick<Answer, 'errors'> & {
  readonly path: readonly (string | number)[];
  readonly label?: string;
  // biome-ignore lint/suspicious/noExplicitAny: it has the shape that the test's own query gives it
  readonly data?: any;
  readonly items?: readonly unknown[];
};

/** The results of a response, each as soon as it comes: of multipart, of events, or the only one in JSON. */
export async function* partsOf({ body }: Response): AsyncGenerator<DeliveredAnswer, void> {
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

export async function allPartsOf(response: Response): Promise<DeliveredAnswer[]> {
  const parts: DeliveredAnswer[] = [];
  for await (const part of partsOf(response)) parts.push(part);
  return parts;
}

/** What a client has in the end: the merged data, all errors, and the extensions of the last result. */
export function merged([first, ...later]: readonly DeliveredAnswer[]): Answer {
  const all = { data: structuredClone(first?.data) };
  const results = later.flatMap(({ incremental = [] }) => incremental);
  for (const { path, data, items } of results) {
    const targetPath = items ? path.slice(0, -1) : path;
    const target = targetPath.reduce((value, key) => value[key], all.data);
    const start = Number(path.at(-1));
    if (data) mergeInto(target, data);
    for (const [offset, item] of (items ?? []).entries()) target[start + offset] = item;
  }
  const errors = [first, ...later, ...results].flatMap((part) => part?.errors ?? []);
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
