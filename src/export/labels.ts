import type { Language } from '../columns/columns.js';

/** The texts of a workbook. */
export interface Labels {
  readonly creators: string;
  readonly failures: string;
  readonly cost: string;
  readonly id: string;
  readonly section: string;
  readonly code: string;
  readonly message: string;
  readonly advice: string;
  readonly noId: string;
  /** Where in the list it was. */
  readonly row: (row: number) => string;
  readonly figure: string;
  readonly value: string;
  readonly creatorCount: string;
  readonly paidCalls: string;
  readonly cachedCalls: string;
  readonly coalescedCalls: string;
  readonly failedCalls: string;
  readonly uncertainCalls: string;
  readonly renewalCalls: string;
  readonly spend: string;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly source: string;
  readonly sandbox: string;
  readonly live: string;
}

export function labelsIn(language: Language): Labels {
  return labels[language];
}

const labels: Readonly<Record<Language, Labels>> = {
  zh: {
    creators: '达人',
    failures: '失败',
    cost: '费用',
    id: '达人 ID',
    section: '数据',
    code: '错误代码',
    message: '原因',
    advice: '怎么办',
    noId: '请填写 15 到 20 位的达人 ID，或达人星图主页的链接。',
    row: (row) => `名单第 ${row} 行`,
    figure: '项目',
    value: '数值',
    creatorCount: '达人数',
    paidCalls: '付费调用',
    cachedCalls: '缓存命中',
    coalescedCalls: '与其他查询共用的调用',
    failedCalls: '失败的调用',
    uncertainCalls: '其中可能已计费',
    renewalCalls: '更新旧数据的付费调用',
    spend: '花费（元）',
    startedAt: '开始时间（UTC）',
    endedAt: '结束时间（UTC）',
    source: '数据来源',
    sandbox: '沙盒：达人和数据均为虚构，没有费用',
    live: '线上',
  },
  en: {
    creators: 'Creators',
    failures: 'Failures',
    cost: 'Cost',
    id: 'Creator ID',
    section: 'Section',
    code: 'Error code',
    message: 'What happened',
    advice: 'What to do',
    noId: "Enter the creator's id of 15 to 20 digits, or the link of the creator's page on Xingtu.",
    row: (row) => `Row ${row} of the list`,
    figure: 'Figure',
    value: 'Value',
    creatorCount: 'Creators',
    paidCalls: 'Paid calls',
    cachedCalls: 'Sections from the cache',
    coalescedCalls: 'Calls shared with other operations',
    failedCalls: 'Failed calls',
    uncertainCalls: 'Failed calls that may have been billed',
    renewalCalls: 'Paid calls that renew stale answers',
    spend: 'Spend (CNY)',
    startedAt: 'Started at (UTC)',
    endedAt: 'Ended at (UTC)',
    source: 'Source',
    sandbox: 'Sandbox: made-up creators, nothing is paid',
    live: 'Live',
  },
};

/** What a reader of the sheet can do about a failure. */
export function adviceFor(code: string, language: Language): string {
  return (Object.hasOwn(advice, code) ? advice[code]?.[language] : undefined) ?? later[language];
}

const later: Readonly<Record<Language, string>> = {
  zh: '一分钟后用同样的名单再导出一次，已付费的数据不会重复付费。',
  en: 'Export the same list again in a minute. What was paid for is not paid for again.',
};

const operator: Readonly<Record<Language, string>> = {
  zh: '请联系服务的管理员：上游账户需要处理。处理后再导出一次。',
  en: "Ask the server's operator to look at the account. Then export again.",
};

const advice: Readonly<Record<string, Readonly<Record<Language, string>>>> = {
  UPSTREAM_UNAUTHENTICATED: operator,
  UPSTREAM_FORBIDDEN: operator,
  UPSTREAM_BALANCE_EXHAUSTED: operator,
  UPSTREAM_QUOTA_EXCEEDED: {
    zh: '今天的额度已用完，请在北京时间零点后再导出一次。',
    en: "Today's quota is used up. Export again after midnight in China.",
  },
  BUDGET_EXCEEDED: {
    zh: '今天的预算已用完。请提高预算，或在北京时间零点后再导出一次。',
    en: "Today's budget is spent. Raise it, or export again after midnight in China.",
  },
  BAD_USER_INPUT: {
    zh: '请检查达人 ID。',
    en: 'Check the id.',
  },
};
