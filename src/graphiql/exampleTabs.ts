/** What GraphiQL opens with. Each query runs as it is, in the sandbox and live; the comments tell what it costs. */
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
# Under Headers {"x-dry-run": "1"} tells the
# price first; extensions.cost does after.
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
# tells how old an answer is; maxAgeSeconds
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
    query: `# As it comes: 3 calls. What stands in
# @defer is sent when it is there, and keeps
# the rest waiting for nothing. It costs the
# same.
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
# sandbox these ids always fail: collection
# failed (four attempts, all unbilled), an
# unknown code. The third is one that upstream
# has no data on.
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
