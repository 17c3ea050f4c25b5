import { scriptedUpstream, success, type Upstream } from '../harness.js';
import { creatorId } from './everySelection.js';

interface Videos {
  readonly masterpieces: readonly { readonly playCount: number }[];
}

/** A video that one more person has played at each call, asked for with its earlier figures. */
export async function twoFiguresOfAVideo(): Promise<{
  readonly query: string;
  readonly upstream: Upstream;
  /** The newest first. */
  playCounts(data: unknown): number[];
}> {
  const upstream = await scriptedUpstream((_, nth) =>
    success({ masterpiece_videos: [{ item_id: '7553989899192519974', play: nth }] }),
  );
  const fields = 'id masterpieces { id playCount }';
  return {
    query: `{ creator(id: "${creatorId}") { id recommendedVideos(maxAgeSeconds: 0) { ${fields} history { ${fields} } } } }`,
    upstream,
    playCounts: (data) => {
      const { recommendedVideos } = (
        data as { creator: { recommendedVideos: Videos & { history: Videos[] } } }
      ).creator;
      return [recommendedVideos, ...recommendedVideos.history].flatMap(({ masterpieces }) =>
        masterpieces.map(({ playCount }) => playCount),
      );
    },
  };
}
