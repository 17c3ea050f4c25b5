/** A line of the log, as it was written. */
type Line = Readonly<Record<string, unknown>>;

/** What every line has, and a terminal shows in front of the text. */
const shownBefore: ReadonlySet<string> = new Set(['level', 'time', 'pid', 'msg']);

/** One line for a person at a terminal: short for operations and calls, whole for anything else. */
export function terminalText(line: Line): string {
  switch (line['msg']) {
    case 'operation':
      return `${nameOf(line)}: ${line['outcome']} in ${line['ms']} ms${costIn(line)}${errorsIn(line)}`;
    case 'operation repeated':
      return `${nameOf(line)}: sent again ${line['repeats']} ×, from memory`;
    case 'call':
      return `call of ${callIn(line)} in ${line['ms']} ms${line['error'] === undefined ? '' : `: ${line['error']}`}`;
    default:
      return `${line['msg']}${fieldsIn(line)}${stackIn(line)}`;
  }
}

function nameOf({ operationName, documentId, key }: Line): string {
  const name = operationName ?? documentId ?? 'unnamed operation';
  return key === undefined ? `${name}` : `${name} (${key})`;
}

function costIn({ cost }: Line): string {
  if (typeof cost !== 'object' || cost === null) return '';
  const { paidCalls, cachedCalls, coalescedCalls, failedCalls } = cost as Record<string, number>;
  const counts = Object.entries({
    paid: paidCalls,
    cached: cachedCalls,
    coalesced: coalescedCalls,
    failed: failedCalls,
  });
  return ` · ${counts.flatMap(([what, count]) => (count ? [`${count} ${what}`] : [])).join(', ') || 'no calls'}`;
}

function errorsIn({ errorCodes }: Line): string {
  const codes = Object.entries((errorCodes ?? {}) as Record<string, number>);
  return codes.length === 0
    ? ''
    : ` · ${codes.map(([code, count]) => (count === 1 ? code : `${count} × ${code}`)).join(', ')}`;
}

const billedText: Readonly<Record<string, string>> = { yes: 'paid', maybe: 'may be billed', no: 'unbilled' };

function callIn({ endpoint, subject, code, billed, attempts }: Line): string {
  const retried = attempts === 1 || attempts === 0 ? '' : `, ${attempts} attempts`;
  const what = subject === undefined ? `${endpoint}` : `${endpoint} ${subject}`;
  return `${what}: ${code === 'OK' ? '' : `${code}, `}${billedText[String(billed)]}${retried}`;
}

function fieldsIn(line: Line): string {
  const rest = Object.entries(line).filter(([name]) => !shownBefore.has(name) && name !== 'err');
  return rest.map(([name, value]) => ` ${name}=${JSON.stringify(value)}`).join('');
}

function stackIn({ err }: Line): string {
  const stack = (err as { readonly stack?: unknown } | undefined)?.stack;
  return typeof stack === 'string' ? `\n${stack}` : '';
}
