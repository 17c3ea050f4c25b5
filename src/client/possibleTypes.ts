// Written by `npm run codegen`.

/** The types that have each interface. */
export const possibleTypes = {
  "Node": [
    "Audience",
    "AudienceTouch",
    "ConnectedUsers",
    "CpMetrics",
    "Creator",
    "CreatorSearch",
    "Followers",
    "Indices",
    "LatestVideos",
    "Performance",
    "Prices",
    "Profile",
    "RecommendedVideos",
    "Unmodelled"
  ],
  "Section": [
    "Audience",
    "AudienceTouch",
    "ConnectedUsers",
    "CpMetrics",
    "CreatorSearch",
    "Followers",
    "Indices",
    "LatestVideos",
    "Performance",
    "Prices",
    "Profile",
    "RecommendedVideos",
    "Unmodelled"
  ]
};
