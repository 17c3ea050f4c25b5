/** Faults on the wire, with the last three digits of the id that always has them. */
const wireFaultDigits = {
  timeout: 901,
  broken: 902,
  html: 903,
  reset: 904,
  half: 905,
  base_resp: 906,
  drip: 907,
  gzip: 908,
  huge: 909,
  redirect: 910,
} as const;

export type WireFault = keyof typeof wireFaultDigits;

/** One of the vendor's codes, or a fault on the wire. */
export type Fault = number | WireFault;

const wireFaults = Object.keys(wireFaultDigits) as WireFault[];

const businessCodes = [100, 101, 201, 202, 300, 301, 302, 303, 400, 404, 500, 503, 600, 601, 602, 777];

/**
 * Ids whose calls always fail in the same way: those about `9000000000000000301` with code 301, and so on for every code of
 * the vendor (201, 202 and 404 mean "no data", 777 is an unknown code), and those about `…901` to `…910` on the wire.
 * docs/reliability.md lists them.
 */
export const faultIds: ReadonlyMap<string, Fault> = new Map<string, Fault>([
  ...businessCodes.map((code): [string, Fault] => [faultId(code), code]),
  ...wireFaults.map((fault): [string, Fault] => [faultId(wireFaultDigits[fault]), fault]),
]);

export interface TemporaryFault {
  readonly fault: Fault;
  /** How many requests for one section of one platform fail. Later ones succeed. */
  readonly times: number;
  /** The `retry-after` header of the failing answer. */
  readonly retryAfterSeconds?: number;
}

/** Ids whose calls fail at first and then succeed, to show retries. */
export const temporaryFaultIds: ReadonlyMap<string, TemporaryFault> = new Map<string, TemporaryFault>([
  [faultId(921), { fault: 301, times: 2 }],
  [faultId(922), { fault: 302, times: 1, retryAfterSeconds: 1 }],
  [faultId(923), { fault: 'reset', times: 1 }],
]);

export type FaultRates = readonly { readonly fault: Fault; readonly rate: number }[];

/** Chooses a fault by the rates, or none. `draw`: a random number in [0, 1). */
export function drawFault(rates: FaultRates, draw: number): Fault | undefined {
  let cumulativeRate = 0;
  return rates.find(({ rate }) => {
    cumulativeRate += rate;
    return draw < cumulativeRate;
  })?.fault;
}

/** Parses `301=0.1` or `timeout=0.01` of the command line. */
export function parseFaultRate(text: string): FaultRates[number] {
  const [, name = '', share = ''] = /^([^=]*)=([\d.]+)$/.exec(text) ?? [];
  const fault =
    wireFaults.find((known) => known === name) ?? (/^\d{3}$/.test(name) ? Number(name) : undefined);
  const rate = Number(share);
  if (fault === undefined || share === '' || !(rate >= 0 && rate <= 1)) {
    throw new Error(
      `Expected CODE=SHARE such as 301=0.1, with a three-digit code or one of ${wireFaults.join(', ')}, and a share from 0 to 1, but got "${text}".`,
    );
  }
  return { fault, rate };
}

function faultId(lastThreeDigits: number): string {
  return `9000000000000000${lastThreeDigits}`;
}
