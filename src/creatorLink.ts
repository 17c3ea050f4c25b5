/** What kind of page a link leads to, and the creators' ids in it. */
export type CreatorLink =
  | { readonly kind: 'xingtu'; readonly ids: readonly string[] }
  | { readonly kind: 'douyinShort' | 'douyinAccount' | 'douyinVideo' | 'douyin' | 'other' };

/** An id at the start of a path segment or a value. Something else, such as a full stop, may follow it. */
const idAtStart = /^\d{15,20}(?![\w-])/;

/** Parameters with the creator's id, without case, `_` and `-`: `o_author_id`, `oAuthorId`. */
const idParameters: ReadonlySet<string> = new Set([
  'oauthorid',
  'authorid',
  'starauthorid',
  'starid',
  'creatorid',
]);

/** A login page's URL contains the URL of the page that follows, which may contain another. */
const maxNesting = 4;

/** Null: the text is not a URL. */
export function readLink(text: string): CreatorLink | null {
  const url = urlOf(text);
  if (!url) return null;
  const host = url.hostname.replace(/\.$/, '');
  if (isXingtu(host)) return { kind: 'xingtu', ids: idsIn(url, maxNesting) };
  if (host === 'v.douyin.com') return { kind: 'douyinShort' };
  if (!/(^|\.)(ies)?douyin\.com$/.test(host)) return { kind: 'other' };
  if (/\/user\//.test(url.pathname)) return { kind: 'douyinAccount' };
  return { kind: /\/(video|note)\//.test(url.pathname) ? 'douyinVideo' : 'douyin' };
}

function isXingtu(host: string): boolean {
  return host === 'xingtu.cn' || host.endsWith('.xingtu.cn') || host === 'star.toutiao.com';
}

function urlOf(link: string): URL | null {
  const bare = link.replace(/^\/\//, '');
  const text = /^https?:\/\//i.test(bare) ? bare : `https://${bare}`;
  return URL.canParse(text) ? new URL(text) : null;
}

/** The ids in the most reliable place that has any. Several: the link is ambiguous. */
function idsIn(url: URL, nesting: number): string[] {
  // A single-page application may have its route in the fragment: `/ad#/creator/…?o_author_id=…`.
  const [, route = '', routeQuery = ''] = /^#!?(\/[^?]*)\??(.*)$/s.exec(url.hash) ?? [];
  const parameters = [...url.searchParams, ...new URLSearchParams(routeQuery)];
  const segments = [url.pathname, route].map(segmentsOf);
  const places = [
    () => [
      ...segments.flatMap(idsAfterCreator),
      ...parameters.flatMap(([name, value]) => (isIdParameter(name) ? idOf(value) : [])),
    ],
    () => segments.flat().flatMap(idOf),
    () => (nesting === 0 ? [] : parameters.flatMap(([, value]) => idsInNested(value, nesting - 1))),
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

/** Ids after `creator/`, `author/`, or `author-homepage/` and the kind of page. */
function idsAfterCreator(segments: readonly string[]): string[] {
  return segments.flatMap((segment, at) => {
    const [before = '', last = ''] = [segments[at - 2], segments[at - 1]];
    const isCreator =
      /^(creator|author)$/.test(last) || (/^author(-homepage)?$/.test(before) && !idAtStart.test(last));
    return isCreator ? idOf(segment) : [];
  });
}

function isIdParameter(name: string): boolean {
  return idParameters.has(name.toLowerCase().replaceAll(/[_-]/g, ''));
}

function idOf(text: string): string[] {
  return idAtStart.exec(text)?.slice(0, 1) ?? [];
}

/** `value`: may be a URL or a path, and may be percent-encoded once more. */
function idsInNested(value: string, nesting: number): string[] {
  const link = /^(https?:)?\/\//i.test(value) || value.startsWith('/') ? value : decoded(value);
  const isPath = /^\/(?!\/)/.test(link);
  if (!isPath && !/^(https?:)?\/\//i.test(link)) {
    return nesting === 0 || link === value ? [] : idsInNested(link, nesting - 1);
  }
  const url = urlOf(isPath ? `www.xingtu.cn${link}` : link);
  return url && isXingtu(url.hostname) ? idsIn(url, nesting) : [];
}

/** Percent-decoded, unless the text is malformed. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
