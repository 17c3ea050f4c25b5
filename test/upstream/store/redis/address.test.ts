import { describe, expect, it } from 'vitest';
import {
  parseRedisUrl,
  type RedisAddress,
  withoutLogin,
} from '../../../../src/upstream/store/redis/address.js';

const plain: RedisAddress = {
  kind: 'single',
  hosts: [{ host: 'cache', port: 6379 }],
  masterName: null,
  isTls: false,
  username: null,
  password: null,
  db: 0,
  keyPrefix: 'xingtu:',
};
const host = (name: string, port: number) => ({ host: name, port });

describe('a URL of Redis', () => {
  it.each<[url: string, difference: Partial<RedisAddress>]>([
    ['redis://cache', {}],
    ['redis://cache/', {}],
    ['redis://cache:7000/3', { hosts: [host('cache', 7000)], db: 3 }],
    ['rediss://cache', { isTls: true }],
    ['redis://[::1]:7000', { hosts: [host('::1', 7000)] }],
    ['redis://me@cache', { username: 'me' }],
    ['redis://:p%40ss:word@cache', { password: 'p@ss:word' }],
    ['redis://me:p%2Fw@cache:7000', { username: 'me', password: 'p/w', hosts: [host('cache', 7000)] }],
    ['redis://cache?prefix=team-a.live_2', { keyPrefix: 'team-a.live_2:' }],
    ['redis://a,b:7001', { kind: 'cluster', hosts: [host('a', 6379), host('b', 7001)] }],
    [
      'rediss://me:pw@a,[::1]:7001/0?prefix=x',
      {
        kind: 'cluster',
        hosts: [host('a', 6379), host('::1', 7001)],
        isTls: true,
        username: 'me',
        password: 'pw',
        keyPrefix: 'x:',
      },
    ],
    [
      'redis://s1,s2:26380/2?sentinel=main&prefix=x',
      {
        kind: 'sentinel',
        hosts: [host('s1', 26379), host('s2', 26380)],
        masterName: 'main',
        db: 2,
        keyPrefix: 'x:',
      },
    ],
    ['redis://s1?sentinel=main', { kind: 'sentinel', hosts: [host('s1', 26379)], masterName: 'main' }],
  ])('%s is read', (url, difference) => {
    expect(parseRedisUrl(url)).toEqual({ ...plain, ...difference });
  });

  it.each([
    'redis://',
    'redis:///0',
    'redis://cache/db',
    'redis://cache/0/1',
    'redis://cache:port',
    'redis://cache:70000',
    'redis://a,,b',
    'redis://a,b:port',
    'redis://a,b/1',
    'redis://:100%@cache',
    'redis://:p#w@cache',
    'redis://cache#x',
    'redis://cache?sentinels=main',
    'redis://cache?sentinel=',
    'redis://cache?prefix=',
    'redis://cache?prefix={x}',
    'redis://cache?prefix=a:b',
    'redis://cache?prefix=a&prefix=b',
    'redis://cache?family=6',
    'http://cache',
  ])('%s is none', (url) => {
    expect(parseRedisUrl(url)).toBeNull();
  });

  it.each([
    ['redis://cache:6379/0', 'redis://cache:6379/0'],
    ['rediss://me:p%40w@a,b:7001/0?prefix=x', 'rediss://a,b:7001/0?prefix=x'],
    ['redis://:p@w@s1,s2?sentinel=main', 'redis://s1,s2?sentinel=main'],
    ['sqlite:./a@b', 'sqlite:./a@b'],
  ])('%s is shown without its user and password', (url, shown) => {
    expect(withoutLogin(url)).toBe(shown);
  });
});
