/** The languages of the page's own words and of its examples. GraphiQL's own words are English. */
export type Language = 'en' | 'zh';

/** By the languages that the browser asks for, the preferred one first. */
export function languageFor(preferred: readonly string[]): Language {
  const known = preferred.map((tag) => tag.toLowerCase().split('-')[0]);
  return known.find((tag): tag is Language => tag === 'en' || tag === 'zh') ?? 'en';
}

export interface Words {
  readonly apiKey: string;
  readonly keyMissing: string;
  readonly keyUnknown: string;
  readonly dryRun: string;
  readonly dryRunTitle: string;
  readonly costDebug: string;
  readonly costDebugTitle: string;
  readonly copyLink: string;
  readonly linkCopied: string;
  readonly linkNotCopied: string;
  readonly linkTooLong: string;
  readonly searchDocs: string;
  readonly nothingFound: string;
}

export const words: Readonly<Record<Language, Words>> = {
  en: {
    apiKey: 'API key',
    keyMissing:
      'This server requires an API key. Enter it here: it stays in this browser tab until you close it.',
    keyUnknown: 'The server does not know this API key. Check it, or ask the operator for one.',
    dryRun: 'Dry run',
    dryRunTitle: 'Only say what the operation would cost (x-dry-run: 1)',
    costDebug: 'Cost debug',
    costDebugTitle: 'List each call under extensions.cost.calls (x-cost-debug: 1)',
    copyLink: 'Copy a link to this query and its variables',
    linkCopied: 'The link is copied.',
    linkNotCopied: 'The browser did not let the link be copied. Copy it from the address bar.',
    linkTooLong: 'The query and its variables are too long for a link. Shorten them, or share them as text.',
    searchDocs: 'Search: cpMetrics, 性价比, price …',
    nothingFound: 'Nothing has this in its name or description.',
  },
  zh: {
    apiKey: 'API 密钥',
    keyMissing: '此服务器需要 API 密钥。请在这里输入：它只保存在本标签页，关闭后即清除。',
    keyUnknown: '服务器不认识这个 API 密钥。请检查，或向管理员索取。',
    dryRun: '试算',
    dryRunTitle: '不执行，只说明会花多少次调用（x-dry-run: 1）',
    costDebug: '费用明细',
    costDebugTitle: '在 extensions.cost.calls 中列出每次调用（x-cost-debug: 1）',
    copyLink: '复制链接（含查询和变量）',
    linkCopied: '链接已复制。',
    linkNotCopied: '浏览器不允许复制，请从地址栏复制链接。',
    linkTooLong: '查询和变量太长，放不进链接。请缩短，或以文本分享。',
    searchDocs: '搜索：性价比、cpMetrics、报价……',
    nothingFound: '没有名称或说明含有这个词。',
  },
};
