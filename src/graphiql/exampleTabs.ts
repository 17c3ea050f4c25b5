/** The tabs that GraphiQL opens with. Each query runs in the sandbox and live. Its comment says what it costs. */
export const exampleTabs: readonly { readonly query: string; readonly variables?: string }[] = [
  {
    query: `# One creator. You pay for the fields that
# you name: this is 3 calls. Delete a block,
# and its call is not made.
query Creator {
  creator(id: "6629722295873044494") {
    id
    xingtuUrl
    profile {
      name
      followerCount
      province
      tags { name children }
      mcn { name }
    }
    prices {
      byDuration {
        seconds1To20 { price { amount } isAvailable }
        seconds21To60 { price { amount } isAvailable }
        secondsOver60 { price { amount } isAvailable }
      }
    }
    cpMetrics {
      expectedPlayCount
      viralRate
      expectedCpm { seconds1To20 { amount } }
      expectedCpe { seconds1To20 { amount } }
    }
  }
}
`,
  },
  {
    query: `# Compare creators: 3 calls for each. Up to
# 100 ids or xingtu.cn links; in the sandbox
# any id of 15 to 20 digits is a creator.
# {"x-dry-run": "1"} under Headers tells the
# cost before, extensions.cost after.
query Compare($ids: [ID!]!) {
  creators(ids: $ids) {
    id
    profile { name followerCount province }
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
    query: `# Videos and audience: 2 calls. fetchedAt
# tells how old an answer is. maxAgeSeconds
# says how old it may be.
query Content {
  creator(id: "6629722295873044494") {
    recommendedVideos(maxAgeSeconds: 3600) {
      fetchedAt
      isStale
      newest { id createdAt playCount likeCount }
      personalHot { id url playCount }
    }
    audienceTouch {
      categories {
        name
        count
        children { name count shareOfParent }
      }
    }
  }
}
`,
  },
  {
    query: `# Incremental delivery: 3 calls. A fragment
# with @defer is sent when it is ready, and
# the rest does not wait for it. It costs the
# same as without.
query AsItComes {
  creator(id: "6629722295873044494") {
    id
    profile { name followerCount province }
    ... @defer {
      prices {
        cheapestAvailable { label price { amount } }
      }
    }
    ... @defer {
      audienceTouch { categories { name count } }
    }
  }
}
`,
  },
  {
    query: `# A failure nulls its own field only. In the
# sandbox the first two ids always fail: one
# with a failed collection (four attempts,
# none billed), one with an unknown code.
# Upstream has no data on the third.
query Failures {
  flaky: creator(id: "9000000000000000301") {
    profile { name }
  }
  odd: creator(id: "9000000000000000777") {
    prices { hasData }
  }
  empty: creator(id: "9000000000000000202") {
    cpMetrics { hasData expectedPlayCount }
  }
  fine: creator(id: "6629722295873044494") {
    profile { name }
  }
  upstream {
    callsToday
    endpoints { name health successRate }
  }
}
`,
  },
];
