import type { SandboxCreator } from '../creators.js';

/** One of the vendor's endpoints, as the sandbox answers it. */
export interface SandboxBody {
  /** Written out as the vendor documents it, so that a slip in the client's own path shows. */
  readonly path: string;
  /** The `data` that the vendor's samples hold. */
  readonly sample: object;
  /** The same shape for a made-up creator. */
  data(creator: SandboxCreator): object;
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
