import type { JobResult } from './job.js';
import type { Price } from './price.js';
import type { CreatorList } from './readList.js';
import type { Totals } from './totals.js';

/** At most so many rows without an id are listed on a terminal. A workbook lists all. */
const mostListed = 20;

/** What was found in the list, if there is more to say than its ids. */
export function listText({ repeated, rejected }: CreatorList): string {
  const lines = rejected
    .slice(0, mostListed)
    .map(({ row, text, reason }) => `Row ${row}${text === '' ? '' : ` (${shortened(text)})`}: ${reason}`);
  const more = rejected.length > mostListed ? [`… and ${rejected.length - mostListed} more rows.`] : [];
  const merged = `${counted(repeated, 'row repeats', 'rows repeat')} a creator, who is asked for once.`;
  return [...lines, ...more, ...(repeated > 0 ? [merged] : [])].map((line) => `${line}\n`).join('');
}

/** `120 creators × 3 sections: 315 calls to pay (¥15.75), 45 are stored.` */
export function priceText(price: Price): string {
  const { groups, callsPerCreator, paidCalls, renewalCalls, cachedCalls, spend, isSandbox } = price;
  const creators = `${counted(groups.flat().length, 'creator')} × ${counted(callsPerCreator, 'section')}`;
  const renewals = renewalCalls === 0 ? '' : `, ${renewalCalls} of them to renew stale answers`;
  const notes = [
    ...(spend === null ? [] : [`¥${spend}`]),
    ...(isSandbox ? ['sandbox: nothing is paid'] : []),
  ];
  const note = notes.length > 0 ? ` (${notes.join('; ')})` : '';
  return `${creators}: ${counted(paidCalls + renewalCalls, 'call')} to pay${note}${renewals}, ${cachedCalls} ${cachedCalls === 1 ? 'is' : 'are'} stored.`;
}

/** What came, and what it cost. */
export function endText(
  written: number,
  { totals, failures, missing, stop }: JobResult,
  path: string,
): string {
  const failed = new Set(failures.map(({ id }) => id)).size;
  const where = path === '-' ? '' : ` in ${path}`;
  return [
    `${counted(written, 'creator')}${where}: ${costText(totals)}.`,
    ...(failed > 0 ? [`${counted(failed, 'creator')} not complete: ${codesText(failures)}.`] : []),
    ...(stop ? [`Stopped: ${stop.message}`] : []),
    ...(missing > 0 ? [`${counted(missing, 'creator is', 'creators are')} missing.`] : []),
    ...(failed > 0 || missing > 0 ? ['Run the same command again: what was paid for is stored.'] : []),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

function costText({ paidCalls, renewalCalls, cachedCalls, uncertainCalls, spend }: Totals): string {
  return [
    `${counted(paidCalls + renewalCalls, 'call')} paid${spend === null ? '' : ` (¥${spend})`}`,
    `${cachedCalls} cached`,
    ...(uncertainCalls > 0 ? [`${uncertainCalls} may have been billed without an answer`] : []),
  ].join(', ');
}

/** `UPSTREAM_TIMEOUT 3, BUDGET_EXCEEDED 12` */
function codesText(failures: JobResult['failures']): string {
  const counts = new Map<string, number>();
  for (const { code } of failures) counts.set(code, (counts.get(code) ?? 0) + 1);
  return [...counts].map(([code, count]) => `${code} ${count}`).join(', ');
}

function counted(count: number, one: string, several = `${one}s`): string {
  return `${count} ${count === 1 ? one : several}`;
}

function shortened(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > 40 ? `${line.slice(0, 40)}…` : line;
}
