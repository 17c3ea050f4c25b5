import type { Language } from './language.js';

/** The part of a response's `extensions` that the line reads. */
export interface Extensions {
  readonly sandbox?: boolean;
  readonly cost?: {
    readonly dryRun?: true;
    readonly isUpperBound?: true;
    readonly requestedCalls: number;
    readonly paidCalls: number;
    readonly cachedCalls: number;
    readonly failedCalls: number;
    readonly renewalCalls: number;
    readonly estimatedSpend?: { readonly amount: string };
  };
}

/** Such as "3 calls · 1 paid · ¥0.05 · 31 ms · sandbox". An operation without sections has no calls to name. */
export function costTextOf({ cost, sandbox }: Extensions, ms: number, language: Language): string {
  const parts = [...(cost ? callsOf(cost, language) : []), timeOf(ms, language)];
  if (sandbox) parts.push(language === 'zh' ? '沙盒' : 'sandbox');
  return parts.join(' · ');
}

function callsOf(cost: NonNullable<Extensions['cost']>, language: Language): string[] {
  const { requestedCalls, paidCalls, cachedCalls, failedCalls, renewalCalls, estimatedSpend, dryRun } = cost;
  const atMost = cost.isUpperBound ? '≤ ' : '';
  const price = estimatedSpend ? [`${atMost}¥${estimatedSpend.amount}`] : [];
  const some = (count: number, text: string) => (count > 0 ? [text] : []);
  if (language === 'zh') {
    return [
      `${dryRun ? '试算：' : ''}${atMost}${requestedCalls} 次调用`,
      `${atMost}${paidCalls} 次${dryRun ? '需' : ''}付费`,
      ...price,
      ...some(cachedCalls, `${cachedCalls} 次缓存`),
      ...some(failedCalls, `${failedCalls} 次失败`),
      ...some(renewalCalls, `${renewalCalls} 次更新`),
    ];
  }
  return [
    `${dryRun ? 'dry run: ' : ''}${atMost}${requestedCalls} ${requestedCalls === 1 ? 'call' : 'calls'}`,
    `${atMost}${paidCalls} ${dryRun ? 'to pay' : 'paid'}`,
    ...price,
    ...some(cachedCalls, `${cachedCalls} cached`),
    ...some(failedCalls, `${failedCalls} failed`),
    ...some(renewalCalls, `${renewalCalls} ${renewalCalls === 1 ? 'renewal' : 'renewals'}`),
  ];
}

function timeOf(ms: number, language: Language): string {
  const [thousandth, second] = language === 'zh' ? ['毫秒', '秒'] : ['ms', 's'];
  return ms < 10_000 ? `${Math.round(ms)} ${thousandth}` : `${(ms / 1000).toFixed(1)} ${second}`;
}
