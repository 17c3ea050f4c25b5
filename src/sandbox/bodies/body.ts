import {
  createSandboxCreator,
  type SandboxCreator,
  type SandboxPlatform,
  sampleCreatorId,
  sandboxPlatforms,
} from '../creators.js';

/** One of the vendor's endpoints in the sandbox. */
export interface SandboxBody {
  /** Repeated here from the vendor's documentation, so that a mistake in the client's path fails a test. */
  readonly path: string;
  /** The answer's `data`. Null: the query string is invalid. */
  data(query: URLSearchParams): object | null;
}

interface CreatorBody {
  readonly path: string;
  /** The values of further parameters, the default first. */
  readonly parameters?: Readonly<Record<string, readonly string[]>>;
  /** The `data` of the vendor's sample. */
  readonly sample: object;
  /** The `data` for a made-up creator, in the same shape. `value` gives a further parameter. */
  data(creator: SandboxCreator, value: (parameter: string) => string): object;
}

/** An endpoint for one creator on one platform. */
export function aboutCreator({
  path,
  parameters = {},
  sample,
  data,
}: CreatorBody): SandboxBody & Pick<CreatorBody, 'sample'> {
  return {
    path,
    sample,
    data: (query) => {
      const creatorId = query.get('oAuthorId') ?? '';
      const platform = query.get('platform') ?? 'SHORT_VIDEO';
      const value = (parameter: string) => query.get(parameter) ?? parameters[parameter]?.[0] ?? '';
      const isKnown = ([parameter, values]: readonly [string, readonly string[]]) =>
        values.includes(value(parameter));
      if (!/^\d{15,20}$/.test(creatorId) || !isPlatform(platform)) return null;
      if (!Object.entries(parameters).every(isKnown)) return null;
      const isSample = creatorId === sampleCreatorId && platform === 'SHORT_VIDEO';
      return isSample ? sample : data(createSandboxCreator(creatorId, platform), value);
    },
  };
}

function isPlatform(platform: string): platform is SandboxPlatform {
  return sandboxPlatforms.some((known) => known === platform);
}

export const success = { status_code: 0, status_message: 'Success' };

const bareMark = '@bare:';

/**
 * Marks digits for `stringify` to write as a JSON number with all its digits, which a JavaScript number would round. JSON
 * has no numbers with a leading zero, so such digits stay a string.
 */
export function bareNumber(digits: string): string {
  return digits.startsWith('0') ? digits : `${bareMark}${digits}`;
}

/** The digits again. */
export function unmarked(digits: string): string {
  return digits.startsWith(bareMark) ? digits.slice(bareMark.length) : digits;
}

/** `JSON.stringify`, with the digits that `bareNumber` marked as numbers. */
export function stringify(body: object): string {
  return JSON.stringify(body).replaceAll(new RegExp(`"${bareMark}(\\d+)"`, 'g'), '$1');
}
