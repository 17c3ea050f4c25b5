/** What a link says about a creator. */
export type Linked =
  | { readonly kind: 'xingtu'; readonly ids: readonly string[] }
  | { readonly kind: 'douyinShort' | 'douyinAccount' | 'douyinVideo' | 'douyin' | 'other' };

/** The id that starts a part of an address: what follows it there is no more of it, such as a full stop. */
const idAtStart = /^\d{15,20}(?![\w-])/;

/** Parameters that hold the creator's id, as `o_author_id`, `oAuthorId` or `OAUTHORID`. */
const idParameters: ReadonlySet<string> = new Set([
  'oauthorid',
  'authorid',
  'starauthorid',
  'starid',
  'creatorid',
]);

/** A page to go on to after a login is in the address of the login, as an address of its own, which may be in another. */
const mostNested = 4;

/** Reads an address. Null: it is none. */
export function readLink(address: string): Linked | null {
  const url = urlOf(address);
  if (!url) return null;
  const host = url.hostname.replace(/\.$/, '');
  if (isXingtu(host)) return { kind: 'xingtu', ids: idsIn(url, mostNested) };
  if (host === 'v.douyin.com') return { kind: 'douyinShort' };
  if (!/(^|\.)(ies)?douyin\.com$/.test(host)) return { kind: 'other' };
  if (/\/user\//.test(url.pathname)) return { kind: 'douyinAccount' };
  return { kind: /\/(video|note)\//.test(url.pathname) ? 'douyinVideo' : 'douyin' };
}

function isXingtu(host: string): boolean {
  return host === 'xingtu.cn' || host.endsWith('.xingtu.cn') || host === 'star.toutiao.com';
}

function urlOf(address: string): URL | null {
  const bare = address.replace(/^\/\//, '');
  const text = /^https?:\/\//i.test(bare) ? bare : `https://${bare}`;
  return URL.canParse(text) ? new URL(text) : null;
}

/** All that may be meant, from the surest place that has any: two are a question that only the asker can answer. */
function idsIn(url: URL, nested: number): string[] {
  // The page of an application that runs in the browser is in the fragment: `/ad#/creator/…?o_author_id=…`.
  const [, route = '', routeQuery = ''] = /^#!?(\/[^?]*)\??(.*)$/s.exec(url.hash) ?? [];
  const parameters = [...url.searchParams, ...new URLSearchParams(routeQuery)];
  const segments = [url.pathname, route].map(segmentsOf);
  const places = [
    () => [
      ...segments.flatMap(idsOfAuthors),
      ...parameters.flatMap(([name, value]) => (isIdParameter(name) ? idOf(value) : [])),
    ],
    () => segments.flat().flatMap(idOf),
    () => (nested === 0 ? [] : parameters.flatMap(([, value]) => idsInNested(value, nested - 1))),
  ];
  for (const ids of places) {
    const found = new Set(ids());
    if (found.size > 0) return [...found];
  }
  return [];
}

function segmentsOf(path: string): string[] {
  return path.split('/').filter(Boolean).map(decoded);
}

/** Ids behind `creator/`, `author/`, or `author-homepage/` and a kind of page. */
function idsOfAuthors(segments: readonly string[]): string[] {
  return segments.flatMap((segment, at) => {
    const [before = '', last = ''] = [segments[at - 2], segments[at - 1]];
    const isAuthors =
      /^(creator|author)$/.test(last) || (/^author(-homepage)?$/.test(before) && !idAtStart.test(last));
    return isAuthors ? idOf(segment) : [];
  });
}

function isIdParameter(name: string): boolean {
  return idParameters.has(name.toLowerCase().replaceAll(/[_-]/g, ''));
}

function idOf(text: string): string[] {
  return idAtStart.exec(text)?.slice(0, 1) ?? [];
}

/** `value` is an address, or the path of one, and may be encoded once more. */
function idsInNested(value: string, nested: number): string[] {
  const address = /^(https?:)?\/\//i.test(value) || value.startsWith('/') ? value : decoded(value);
  const isPath = /^\/(?!\/)/.test(address);
  if (!isPath && !/^(https?:)?\/\//i.test(address)) {
    return nested === 0 || address === value ? [] : idsInNested(address, nested - 1);
  }
  const url = urlOf(isPath ? `www.xingtu.cn${address}` : address);
  return url && isXingtu(url.hostname) ? idsIn(url, nested) : [];
}

/** Without percent signs, where they are all well-formed. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
