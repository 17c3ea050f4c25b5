/** The tabs that GraphiQL opens with. Each query runs in the sandbox and live. Its comment says what it costs. */
export const exampleTabs: readonly { readonly query: string; readonly variables?: string }[] = [
  {
    query: `# Find creators: 1 call for a page of 20,
# with their prices and figures. A section
# of creator, such as audience, would cost
# up to 20 more: {"x-dry-run": "1"} under
# Headers tells before.
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
    query: `# Compare creators: 3 calls for each. You
# pay for the sections that you name. Up to
# 100 ids or xingtu.cn links; in the sandbox
# any id of 15 to 20 digits is a creator.
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
    query: `# How the videos do: 3 calls. The part with
# @defer is sent when it is ready. fetchedAt
# tells how old an answer is, maxAgeSeconds
# says how old it may be.
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
    ... @defer {
      latestVideos {
        sponsored { title playCount likeCount url }
      }
    }
  }
}
`,
  },
  {
    query: `# Who is reached: 4 calls. A share is of its
# own dimension.
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
    query: `# What was spent, and what fails: 2 calls. A
# failure nulls its own field only. In the
# sandbox the first id always fails (four
# attempts, none billed), and upstream has
# no data on the second.
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
