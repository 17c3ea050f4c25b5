import type { Language } from './language.js';

interface Example {
  /** What the query asks and what it costs. Each line fits a phone. */
  readonly comment: Readonly<Record<Language, string>>;
  readonly query: string;
  readonly variables?: string;
}

/** The tabs that GraphiQL opens with. Each query runs in the sandbox, and those with other ids than 9000… live. */
const examples: readonly Example[] = [
  {
    comment: {
      en: `
# Find creators: 1 call for a page
# of 20, with prices and figures. A
# section of creator, as audience,
# would cost up to 20 more: "Dry run"
# above tells before you pay.`,
      zh: `
# 找达人：一页 20 位，1 次调用，
# 含报价和数据。若再查 creator 的
# 板块（如 audience 观众画像），
# 最多再加 20 次。先勾选上方的
# 「试算」，看清费用再付费。`,
    },
    query: `
query Search {
  searchCreators(
    filter: {
      contentTags: ["美妆"]
      locations: ["广东省"]
      followerCount: { min: 500000, max: 3000000 }
      price: { type: VIDEO_21_60S, max: "50000" }
    }
  ) {
    totalCount
    hasNextPage
    items {
      creator { id xingtuUrl }
      name
      city
      followerCount
      prices { seconds21To60 { amount } }
      expectedPlayCount
      expectedCpm { seconds21To60 { amount } }
      viralRate
    }
  }
}
`,
  },
  {
    comment: {
      en: `
# Compare creators: 3 calls for each.
# You pay for the sections you name.
# Up to 100 ids or xingtu.cn links;
# in the sandbox any id of 15 to 20
# digits is a creator.`,
      zh: `
# 比较达人：每位 3 次调用，
# 只为写出的板块付费。
# 最多 100 个 ID 或 xingtu.cn 链接；
# 沙盒里 15 到 20 位数字都是达人。`,
    },
    query: `
query Compare($ids: [ID!]!) {
  creators(ids: $ids) {
    id
    profile { name followerCount province mcn { name } }
    prices {
      cheapestAvailable { label price { amount } }
    }
    cpMetrics {
      expectedPlayCount
      expectedEngagementRate
      expectedCpm { seconds21To60 { amount } }
    }
  }
}
`,
    variables: `{
  "ids": [
    "6629722295873044494",
    "6712345678901234567",
    "https://www.xingtu.cn/ad/creator/author-homepage/douyin-video/6812345678901234568"
  ]
}
`,
  },
  {
    comment: {
      en: `
# How the videos do: 3 calls. What is
# under @defer comes when it is ready.
# The sandbox takes two seconds for the
# second id, and later has it stored.
# fetchedAt tells how old an answer is,
# maxAgeSeconds how old it may be.`,
      zh: `
# 视频表现：3 次调用。
# @defer 的部分准备好了才送来：
# 沙盒对第二个 ID 要等两秒，
# 存入缓存后则立即返回。
# fetchedAt 是答案的获取时间，
# maxAgeSeconds 是允许的最大时效。`,
    },
    query: `
query Content {
  creator(id: "6629722295873044494") {
    performance(range: LAST_90_DAYS) {
      medianPlayCount
      completionRate
      engagementRate
      videoCount
    }
    recommendedVideos(maxAgeSeconds: 3600) {
      fetchedAt
      isStale
      newest { id createdAt playCount likeCount }
    }
  }
  ... @defer {
    slow: creator(id: "9000000000000000931") {
      latestVideos {
        sponsored { title playCount likeCount url }
      }
    }
  }
}
`,
  },
  {
    comment: {
      en: `
# Who is reached: 4 calls. A share is
# of its own dimension.`,
      zh: `
# 触达了谁：4 次调用。
# share 是在自己维度内的占比。`,
    },
    query: `
query Audience {
  creator(id: "6629722295873044494") {
    audience(stage: CONNECTED) {
      dimensions(kinds: [GENDER, AGE, CITY_TIER]) {
        kind
        buckets { key share }
      }
    }
    followers {
      dimensions(kinds: [GENDER, AGE]) {
        kind
        buckets { key share }
      }
    }
    connectedUsers {
      stages { stage count share }
    }
    audienceTouch {
      categories { name count }
    }
  }
}
`,
  },
  {
    comment: {
      en: `
# What was spent, and what fails: 2
# calls. A failure nulls its own field
# only. In the sandbox the first id
# always fails (four attempts, none
# billed); the second has no data.`,
      zh: `
# 花了多少，以及失败的样子：2 次调用。
# 失败只让自己的字段为 null。
# 沙盒里第一个 ID 总是失败
# （尝试四次，都不计费），第二个没有数据。`,
    },
    query: `
query Cost {
  flaky: creator(id: "9000000000000000301") {
    profile { name }
  }
  empty: creator(id: "9000000000000000202") {
    cpMetrics { hasData expectedPlayCount }
  }
  upstream {
    callsToday
    dailyLimit
    spend(days: 1) { endpoint operationName calls }
    endpoints { name health successRate }
  }
}
`,
  },
];

export interface ExampleTab {
  readonly query: string;
  readonly variables?: string;
}

export function exampleTabs(language: Language): readonly ExampleTab[] {
  return examples.map(({ comment, query, variables }) => ({
    query: `${comment[language].trimStart()}${query}`,
    ...(variables && { variables }),
  }));
}
