/** The endpoints whose bodies the vendor documents with a sample. Each takes a creator and a platform, and nothing else. */
export const documentedEndpoints = [
  'profile',
  'prices',
  'cpMetrics',
  'recommendedVideos',
  'audienceTouch',
] as const;

export type DocumentedEndpoint = (typeof documentedEndpoints)[number];
