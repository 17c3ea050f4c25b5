import {
  createSandboxCreator,
  type SandboxCreator,
  type SandboxPlatform,
  sampleCreatorId,
  sandboxPlatforms,
} from '../creators.js';

/** One of the vendor's endpoints, as the sandbox answers it. */
export interface SandboxBody {
  /** Written out as the vendor documents it, so that a slip in the client's own path shows. */
  readonly path: string;
  /** The `data` of an answer to this query string. Null: the vendor does not take it. */
  data(query: URLSearchParams): object | null;
}

interface CreatorBody {
  readonly path: string;
  /** The `data` that the vendor's sample holds. */
  readonly sample: object;
  /** The same shape for a made-up creator. */
  data(creator: SandboxCreator): object;
}

/** An endpoint that is asked for a creator on one of its platforms. */
export function aboutCreator({ path, sample, data }: CreatorBody): SandboxBody & Pick<CreatorBody, 'sample'> {
  return {
    path,
    sample,
    data: (query) => {
      const creatorId = query.get('oAuthorId') ?? '';
      const platform = query.get('platform') ?? 'SHORT_VIDEO';
      if (!/^\d{15,20}$/.test(creatorId) || !isPlatform(platform)) return null;
      const isSample = creatorId === sampleCreatorId && platform === 'SHORT_VIDEO';
      return isSample ? sample : data(createSandboxCreator(creatorId, platform));
    },
  };
}

function isPlatform(platform: string): platform is SandboxPlatform {
  return sandboxPlatforms.some((known) => known === platform);
}

export const success = { status_code: 0, status_message: 'Success' };

const mark = '@bare:';

/**
 * Digits that leave as a bare number, however many they are: a JavaScript number would round them. JSON has no
 * number that begins with a zero, so such digits stay a string.
 */
export function bareNumber(digits: string): string {
  return digits.startsWith('0') ? digits : `${mark}${digits}`;
}

/** JSON with the marked digits as bare numbers. */
export function stringify(body: object): string {
  return JSON.stringify(body).replaceAll(new RegExp(`"${mark}(\\d+)"`, 'g'), '$1');
}
