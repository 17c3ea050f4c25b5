import { describe, expect, it } from 'vitest';
import { drawFault, type Fault, faultIds, parseFaultRate } from '../../src/sandbox/faults.js';
import { startSandbox } from '../../src/sandbox/server.js';
import { endpoints } from '../../src/upstream/endpoints/table.js';
import { documentedEndpoints } from '../documentedEndpoints.js';
import { atEnd } from '../fixtures.js';

const someId = '6712345678901234567';
const codes = [100, 101, 201, 202, 300, 301, 302, 303, 400, 404, 500, 503, 600, 601, 602, 777];

/** What a client sees of each fault. */
const onTheWire: Readonly<Record<Extract<Fault, string>, (call: () => Promise<Response>) => Promise<void>>> =
  {
    timeout: async (call) => {
      await expect(call()).rejects.toMatchObject({ name: 'TimeoutError' });
    },
    reset: async (call) => {
      await expect(call()).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } });
    },
    half: async (call) => {
      const response = await call();
      expect(response.status).toBe(200);
      await expect(response.text()).rejects.toThrow('terminated');
    },
    broken: async (call) => {
      const response = await call();
      expect(response.headers.get('content-type')).toContain('application/json');
      await expect(response.json()).rejects.toThrow(SyntaxError);
    },
    html: async (call) => {
      const response = await call();
      expect(response.headers.get('content-type')).toBe('text/html');
      expect(await response.text()).toMatch(/^<html>/);
    },
    base_resp: async (call) => {
      const body = await (await call()).json();
      expect(body).toMatchObject({ code: 0, data: { base_resp: { status_code: 1 } } });
    },
    drip: async (call) => {
      const reader = (await call()).body?.getReader();
      const { value } = (await reader?.read()) ?? {};
      expect(new TextDecoder().decode(value)).toBe('{"');
      await reader?.cancel();
    },
    gzip: async (call) => {
      const response = await call();
      expect(response.headers.get('content-encoding')).toBe('gzip');
      await expect(response.text()).rejects.toMatchObject({ cause: { code: 'Z_DATA_ERROR' } });
    },
    huge: async (call) => {
      let size = 0;
      for await (const chunk of (await call()).body ?? []) {
        size += chunk.length;
        if (size > 9 * 1_048_576) break;
      }
      expect(size).toBeGreaterThan(9 * 1_048_576);
    },
    redirect: async (call) => {
      const response = await call();
      expect(response.status).toBe(302);
      expect(response.headers.get('location')).toBe('http://127.0.0.1:1/elsewhere');
      expect(await response.text()).toBe('');
    },
  };

const wireIds: Readonly<Record<keyof typeof onTheWire, string>> = {
  timeout: '9000000000000000901',
  broken: '9000000000000000902',
  html: '9000000000000000903',
  reset: '9000000000000000904',
  half: '9000000000000000905',
  base_resp: '9000000000000000906',
  drip: '9000000000000000907',
  gzip: '9000000000000000908',
  huge: '9000000000000000909',
  redirect: '9000000000000000910',
};
const wireFaults = Object.keys(wireIds) as (keyof typeof onTheWire)[];

async function sandbox(...[options]: Parameters<typeof startSandbox>) {
  const { baseUrl, close } = await startSandbox(options);
  atEnd(close);
  return (path: string, oAuthorId: string, platform = 'SHORT_VIDEO') =>
    fetch(`${baseUrl}${path}?${new URLSearchParams({ token: 'any', oAuthorId, platform })}`, {
      redirect: 'manual',
      signal: AbortSignal.timeout(oAuthorId === wireIds.timeout ? 150 : 5_000),
    });
}

const paths = documentedEndpoints.map((name) => endpoints[name].path);

describe('an id that always fails', () => {
  it.each(codes)('answers code %i, whatever is asked', async (code) => {
    const call = await sandbox();
    for (const path of paths) {
      const response = await call(path, `9000000000000000${code}`);
      expect(response.status).toBe(200);
      expect(await response.json(), path).toEqual({ code, data: null, message: expect.any(String) });
    }
  });

  it.each(wireFaults)('fails on the wire by %s, whatever is asked', async (fault) => {
    const call = await sandbox();
    await Promise.all(paths.map((path) => onTheWire[fault](() => call(path, wireIds[fault]))));
  });

  it('is one of these, and no other', () => {
    expect(new Map(faultIds)).toEqual(
      new Map<string, Fault>([
        ...codes.map((code): [string, Fault] => [`9000000000000000${code}`, code]),
        ...wireFaults.map((fault): [string, Fault] => [wireIds[fault], fault]),
      ]),
    );
  });

  it('fails in its own way, also when all others fail', async () => {
    const call = await sandbox({ faultRates: [{ fault: 302, rate: 1 }] });
    const response = await call(endpoints.prices.path, '9000000000000000601');
    expect(await response.json()).toMatchObject({ code: 601 });
  });
});

describe('an id that fails at first', () => {
  const codeOf = async (response: Response) => ((await response.json()) as { code: number }).code;

  it('answers 301 twice, then data', async () => {
    const call = await sandbox();
    const ask = () =>
      call(endpoints.cpMetrics.path, '9000000000000000921').then((response) => response.json());
    expect(await ask()).toMatchObject({ code: 301, data: null });
    expect(await ask()).toMatchObject({ code: 301, data: null });
    const third = await ask();
    expect(third).toMatchObject({ code: 0, data: { expect_vv: { value: expect.any(Number) } } });
    expect(await ask()).toEqual(third);
  });

  it('answers 302 once, with Retry-After', async () => {
    const call = await sandbox();
    const first = await call(endpoints.prices.path, '9000000000000000922');
    expect([first.status, first.headers.get('retry-after'), await codeOf(first)]).toEqual([200, '1', 302]);
    const second = await call(endpoints.prices.path, '9000000000000000922');
    expect([second.headers.get('retry-after'), await codeOf(second)]).toEqual([null, 0]);
  });

  it('is reset once', async () => {
    const call = await sandbox();
    await onTheWire.reset(() => call(endpoints.profile.path, '9000000000000000923'));
    expect(await codeOf(await call(endpoints.profile.path, '9000000000000000923'))).toBe(0);
  });

  it('fails at first for each section, each platform and each sandbox', async () => {
    const sandboxes = [await sandbox(), await sandbox()];
    for (const call of sandboxes) {
      for (const path of paths) {
        for (const platform of ['SHORT_VIDEO', 'PICTURE_TEXT']) {
          const codes = [];
          for (let nth = 0; nth < 3; nth += 1) {
            codes.push(await codeOf(await call(path, '9000000000000000921', platform)));
          }
          expect(codes, `${path} ${platform}`).toEqual([301, 301, 0]);
        }
      }
    }
  });

  it('does not fail afterwards, also when all others fail', async () => {
    const call = await sandbox({ faultRates: [{ fault: 500, rate: 1 }] });
    const ask = () => call(endpoints.profile.path, '9000000000000000922').then(codeOf);
    expect([await ask(), await ask()]).toEqual([302, 0]);
  });
});

describe('a rate of faults', () => {
  const manyCalls = (call: Awaited<ReturnType<typeof sandbox>>) =>
    Promise.all(
      Array.from({ length: 20 }, (_, index) => `${6_712_345_678_901_234_567n + BigInt(index)}`).map(
        async (id) => {
          const response = await call(endpoints.cpMetrics.path, id);
          return ((await response.json()) as { code: number }).code;
        },
      ),
    );

  it('of 1 fails every call', async () => {
    const seen = await manyCalls(await sandbox({ faultRates: [{ fault: 301, rate: 1 }] }));
    expect(seen).toEqual(Array.from({ length: 20 }, () => 301));
  });

  it('of 0 fails none', async () => {
    const seen = await manyCalls(await sandbox({ faultRates: [{ fault: 301, rate: 0 }] }));
    expect(seen).toEqual(Array.from({ length: 20 }, () => 0));
  });

  it('of 302 sends no Retry-After', async () => {
    const call = await sandbox({ faultRates: [{ fault: 302, rate: 1 }] });
    const response = await call(endpoints.prices.path, someId);
    expect(response.headers.has('retry-after')).toBe(false);
  });

  it.each(wireFaults.filter((fault) => fault !== 'timeout'))('may be of %s', async (fault) => {
    const call = await sandbox({ faultRates: [{ fault, rate: 1 }] });
    await onTheWire[fault](() => call(endpoints.profile.path, someId));
  });
});

describe('a draw', () => {
  const rates = [
    { fault: 301, rate: 0.25 },
    { fault: 'timeout', rate: 0.5 },
  ] as const;

  it.each<[number, Fault | undefined]>([
    [0, 301],
    [0.2499, 301],
    [0.25, 'timeout'],
    [0.7499, 'timeout'],
    [0.75, undefined],
    [0.9999, undefined],
  ])('of %d, with 301 a quarter and timeout half of the time, gives %s', (draw, fault) => {
    expect(drawFault(rates, draw)).toBe(fault);
  });

  it('gives nothing without rates, and nothing at a rate of 0', () => {
    expect(drawFault([], 0)).toBeUndefined();
    expect(drawFault([{ fault: 500, rate: 0 }], 0)).toBeUndefined();
  });
});

describe('a rate on the command line', () => {
  it.each<[string, Fault, number]>([
    ['301=0.1', 301, 0.1],
    ['301=0', 301, 0],
    ['301=1', 301, 1],
    ['777=.5', 777, 0.5],
    ...wireFaults.map((fault): [string, Fault, number] => [`${fault}=0.01`, fault, 0.01]),
  ])('%s is understood', (text, fault, rate) => {
    expect(parseFaultRate(text)).toEqual({ fault, rate });
  });

  it.each([
    '',
    '301',
    '301=',
    '=0.1',
    '301= ',
    '301=1.1',
    '301=-0.1',
    '301=many',
    '301=0.1.2',
    '301=0.1=0.2',
    '301=NaN',
  ])('"%s" is refused with what was expected and what came', (text) => {
    const expected = `Expected CODE=SHARE such as 301=0.1, with a three-digit code or one of timeout, broken, html, reset, half, base_resp, drip, gzip, huge, redirect, and a share from 0 to 1, but got "${text}".`;
    expect(() => parseFaultRate(text)).toThrow(new Error(expected));
  });

  it.each(['30=0.1', '3011=0.1', 'slow=0.1', 'TIMEOUT=0.1', ' 301=0.1'])('"%s" names no fault', (text) => {
    expect(() => parseFaultRate(text)).toThrow(`but got "${text}"`);
  });
});
