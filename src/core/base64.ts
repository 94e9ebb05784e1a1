import { fromByteArray, toByteArray } from './byte-string.ts';

/** Base64 with its padding, in one line. */
export function encodeBase64(bytes: Uint8Array): string {
  return btoa(fromByteArray(bytes));
}

/** Reads what {@link encodeBase64} writes; undefined for any other spelling. */
export function decodeBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined;
  // The last character can have bits that mean nothing.
  const last = text.slice(-4);
  return btoa(atob(last)) === last ? toByteArray(atob(text)) : undefined;
}

/** Base64 as URLs and JSON Web Keys have it: two other characters, and no padding. */
export function encodeBase64Url(bytes: Uint8Array): string {
  return encodeBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}
