import type { Random } from '../../../src/sandbox/random.js';
import { type Attack, creatorIdFrom, graphqlShot, json, requestBytes } from '../attack.js';

/** Headers in numbers, lengths and with values that no client sends. */
export const headers: Attack = {
  name: 'headers',
  target: 'open',
  connections: 8,
  shot: (random) => {
    // It costs nothing, whatever becomes of its headers.
    const body = JSON.stringify({ query: `{ creator(id: "${creatorIdFrom(random)}") { id xingtuUrl } }` });
    const given = Array.from({ length: random.whole(1, 4) }, () => random.pick(kinds)(random)).flat();
    const isHtml = given.some(
      ([name, value]) => name.toLowerCase() === 'accept' && value.includes('text/html'),
    );
    const isGet = random.chance(0.3);
    const bytes = isGet
      ? requestBytes({ target: `/graphql?${new URLSearchParams(JSON.parse(body))}`, headers: given })
      : requestBytes({ method: 'POST', headers: [json, ...given] }, Buffer.from(body));
    const mayBeDropped = bytes.length > 16_000;
    return { ...graphqlShot(bytes, { mayBeDropped }), kind: isHtml && isGet ? 'other' : 'graphql' };
  },
};

type Headers = readonly (readonly [string, string])[];

const read = [
  'accept',
  'accept-encoding',
  'authorization',
  'content-encoding',
  'content-type',
  'host',
  'if-none-match',
  'origin',
  'purpose',
  'sec-fetch-site',
  'sec-purpose',
  'x-cost-debug',
  'x-dry-run',
  'x-moz',
  'x-request-id',
  'traceparent',
  'tracestate',
  'baggage',
  'connection',
  'access-control-request-method',
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'cookie',
  'expect',
  'te',
];

const values: readonly ((random: Random) => string)[] = [
  () => '',
  () => ' ',
  () => ',',
  () => ';;;',
  () => '\x00',
  () => 'a\rb',
  () => 'a\nb: c',
  () => '\x7f\x1b[31m',
  () => '\xff\xfe',
  () => 'null',
  () => '__proto__',
  () => '*',
  () => '1',
  () => 'true',
  () => '{"a":1}',
  () => '\u0024{jndi:ldap://127.0.0.1/a}',
  () => '%0d%0aSet-Cookie: a=b',
  () => '127.0.0.1:99999',
  () => 'localhost.evil.example',
  () => '127.0.0.1.nip.io',
  () => '[::1',
  () => 'a@127.0.0.1',
  () => 'http://127.0.0.1',
  () => 'https://user@evil.example:1/x',
  () => '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  (random) => 'x'.repeat(random.logarithmic(1, 20_000)),
  (random) => ','.repeat(random.logarithmic(1, 12_000)),
  (random) => 'a/b;q='.repeat(random.logarithmic(1, 2_000)),
  (random) => `W/"${'a", W/"'.repeat(random.logarithmic(1, 1_500))}`,
  (random) => ' '.repeat(random.logarithmic(1, 12_000)),
  (random) =>
    Array.from({ length: random.whole(1, 40) }, () => String.fromCharCode(random.whole(0x20, 0xff))).join(''),
];

const value = (random: Random) => random.pick(values)(random);

const kinds: readonly ((random: Random) => Headers)[] = [
  (random) => [[random.pick(read), value(random)]],
  (random) => [[random.pick(read).toUpperCase(), value(random)]],
  // Twice, with different values.
  (random) => {
    const name = random.pick(read);
    return [
      [name, value(random)],
      [name, value(random)],
    ];
  },
  (random) => Array.from({ length: random.logarithmic(1, 4_000) }, (_, nth) => [`x${nth}`, ''] as const),
  (random) => Array.from({ length: random.logarithmic(1, 2_500) }, () => ['a', ''] as const),
  (random) => [['x'.repeat(random.logarithmic(1, 20_000)), 'y']],
  (random) => [[random.pick(['', ' ', ':', 'a b', 'ä', '\x01', '(', '__proto__', 'constructor']), 'x']],
  (random) => [
    [
      'host',
      random.pick([
        '',
        'a b',
        'evil.example',
        'LOCALHOST',
        'localhost.',
        '127.1',
        '2130706433',
        '[::ffff:127.0.0.1]',
        '0',
        '127.0.0.1:0',
        'a,127.0.0.1',
        '%6cocalhost',
        'localhost%00',
        '\xe4',
      ]),
    ],
  ],
  (random) => [
    [
      'accept',
      random.pick([
        'text/html',
        '*/*',
        'application/json;q=0',
        'multipart/mixed',
        'text/event-stream',
        '*',
        'application',
        'application/json; charset=latin1',
      ]),
    ],
  ],
  (random) => [
    [
      'accept-encoding',
      random.pick([
        'br',
        'gzip',
        'identity;q=0',
        '*;q=0',
        'br;q=1.0000',
        'gzip;q=x',
        `${'br,'.repeat(3_000)}gzip`,
      ]),
    ],
  ],
];
