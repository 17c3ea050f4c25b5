/** What happens on the wire, by the last three digits of the id that always meets it. */
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

/** A way to fail: one of the vendor's codes, or something that happens on the wire. */
export type Fault = number | WireFault;

const wireFaults = Object.keys(wireFaultDigits) as WireFault[];

const businessCodes = [100, 101, 201, 202, 300, 301, 302, 303, 400, 404, 500, 503, 600, 601, 602, 777];

/**
 * Ids that always fail in one way, whatever is asked of them: `9000000000000000301` answers 301, and so on for every
 * code of the vendor's (201, 202 and 404 mean "no data", 777 is one that nobody knows); `…901` to `…910` fail on the
 * wire. README lists them.
 */
export const faultIds: ReadonlyMap<string, Fault> = new Map<string, Fault>([
  ...businessCodes.map((code): [string, Fault] => [faultId(code), code]),
  ...wireFaults.map((fault): [string, Fault] => [faultId(wireFaultDigits[fault]), fault]),
]);

export interface PassingFault {
  readonly fault: Fault;
  /** How many requests for one section of one platform meet it, before all others are answered. */
  readonly times: number;
  /** What the failing answer's `retry-after` says. */
  readonly retryAfterSeconds?: number;
}

/** Ids that fail at first and answer then, so that a retry can be watched. */
export const passingFaultIds: ReadonlyMap<string, PassingFault> = new Map<string, PassingFault>([
  [faultId(921), { fault: 301, times: 2 }],
  [faultId(922), { fault: 302, times: 1, retryAfterSeconds: 1 }],
  [faultId(923), { fault: 'reset', times: 1 }],
]);

export type FaultRates = readonly { readonly fault: Fault; readonly rate: number }[];

/** One fault or none, each with its own likelihood. `draw` is at least 0 and less than 1. */
export function drawFault(rates: FaultRates, draw: number): Fault | undefined {
  let upTo = 0;
  return rates.find(({ rate }) => {
    upTo += rate;
    return draw < upTo;
  })?.fault;
}

/** `301=0.1` or `timeout=0.01`, as the command line has it. */
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
