import type { Random } from '../../../src/sandbox/random.js';
import { type Attack, creatorIdFrom, dryRun, json, requestBytes } from '../attack.js';

/** Methods and request targets, those of the page's files among them. */
export const targets: Attack = {
  name: 'targets and methods',
  target: 'open',
  connections: 8,
  shot: (random) => {
    const method = random.chance(0.5) ? random.pick(['GET', 'POST', 'HEAD']) : random.pick(methods);
    const target = random.chance(0.7) ? random.pick(kinds)(random) : joined(random);
    const hasBody = !['GET', 'HEAD', 'CONNECT'].includes(method) || random.chance(0.05);
    const body = hasBody ? Buffer.from('{"query":"{ __typename }"}') : undefined;
    const accept = random.pick(['text/html', 'application/json', '*/*']);
    const bytes = requestBytes({ method, target, headers: [json, dryRun, ['accept', accept]] }, body);
    return {
      kind: 'other',
      pieces: [bytes],
      responses: 1,
      isHead: method === 'HEAD',
      // node:http closes the connection of a CONNECT and of a method that it does not know.
      mayBeDropped: method === 'CONNECT' || bytes.length > 16_000 || /[^\x21-\x7e]/.test(target),
      check: ([response]) =>
        response && isOfMachine(response.body) ? 'A file of the machine was served' : null,
    };
  },
};

const methods = [
  'PUT',
  'DELETE',
  'OPTIONS',
  'PATCH',
  'TRACE',
  'CONNECT',
  'PROPFIND',
  'QUERY',
  'PURGE',
  'M-SEARCH',
  'get',
  'FOO',
  'HTTP',
];

const paths = [
  '/',
  '/graphql',
  '/graphql/',
  '/creators.csv',
  '/metrics',
  '/ready',
  '/health',
  '/assets/',
  '/index.html',
  '/favicon.ico',
  '/.env',
  '/.git/config',
  '/package.json',
];

const kinds: readonly ((random: Random) => string)[] = [
  (random) => random.pick(paths),
  (random) => `${random.pick(paths)}?${query(random)}`,
  (random) =>
    `http://${random.pick(['127.0.0.1', 'localhost', 'evil.example', '127.0.0.1:1', 'a@127.0.0.1', '[::1]', '', '\xff', 'x'.repeat(3_000)])}${random.pick(['', ...paths])}`,
  (random) =>
    random.pick([
      '*',
      '',
      '127.0.0.1:443',
      'graphql',
      '//',
      '///graphql',
      '//evil.example/graphql',
      '/\\evil.example',
      '?',
      '#',
      'ftp://a/',
      'javascript:1',
      'file:///etc/passwd',
      'HTTP://127.0.0.1/graphql',
      'http:/graphql',
      'http:',
    ]),
  (random) =>
    `${random.pick(['/', '/assets/', '/assets/x/'])}${random.pick(['../', '..%2f', '%2e%2e/', '%2e%2e%2f', '..\\', '..%5c', '....//', '%c0%ae%c0%ae/', '..%252f', '%00../']).repeat(random.whole(1, 12))}${random.pick(['package.json', 'dist/main.js', 'etc/passwd', 'main.js', '.env'])}`,
  (random) =>
    `/graphql${random.pick(['%00', '%', '%zz', '%2f', ';a=b', '.', '..', '/..', '/x/../', '%20', '?%00', '?%', '#x', '??', '?&&&', '?=', '?query', '?query='])}`,
  (random) => `/graphql?query=${'a'.repeat(random.logarithmic(1, 20_000))}`,
  (random) => `/${'a/'.repeat(random.logarithmic(1, 9_000))}`,
  (random) => `/graphql?${'query=%7B__typename%7D&'.repeat(random.logarithmic(1, 600))}`,
  (random) =>
    `/graphql?${Array.from({ length: random.logarithmic(1, 1_000) }, (_, nth) => `${random.pick(['query', 'variables', 'a', '__proto__', 'extensions', 'documentId'])}=${nth}`).join('&')}`,
];

function query(random: Random): string {
  const id = creatorIdFrom(random);
  return random.pick([
    new URLSearchParams({ query: `{ creator(id: "${id}") { profile { name } } }` }).toString(),
    new URLSearchParams({ query: 'mutation { a }' }).toString(),
    new URLSearchParams({
      query: '{ __typename }',
      variables: random.pick(['[]', '{', 'null', '"x"', '{"__proto__":{}}']),
    }).toString(),
    new URLSearchParams({
      query: '{ __typename }',
      extensions: random.pick(['[]', '{', '{"persistedQuery":{"version":1,"sha256Hash":"x"}}']),
    }).toString(),
    `ids=${id}`,
    'query={__typename}&query={a}',
    'query=%7B__typename%7D&operationName=%00',
  ]);
}

function joined(random: Random): string {
  const piece = () =>
    random.pick([
      '/',
      'a',
      '%',
      '%2',
      '%25',
      '..',
      '?',
      '&',
      '=',
      '#',
      ';',
      '\\',
      '{',
      '"',
      '<script>',
      'graphql',
      '\xe4',
      '\x80',
      '|',
      '@',
      ':',
    ]);
  return `/${Array.from({ length: random.whole(0, 15) }, piece).join('')}`;
}

/** Of `/etc/passwd`, of `package.json`, and of the bundle. */
function isOfMachine(body: Buffer): boolean {
  return /^root:|"name": "xingtu-graphql"|closeWithGrace\(/m.test(body.subarray(0, 100_000).toString());
}
