import { sha1 } from '@noble/hashes/legacy.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { type ByteString, toByteArray } from '../core/byte-string.ts';
import type { ObjectFormat, ObjectType, Oid } from '../core/oid.ts';
import type { Digest } from '../core/ports.ts';

/** Hashes where there is no node: in JavaScript, since a browser's own hashing gives promises only. */
export const portableDigest: Digest = {
  sha256: (bytes) => sha256Hex(toByteArray(bytes)),
  objectName: (format, type, body: ByteString) => objectName(format, type, toByteArray(body)),
};

/** SHA-256, lower-case hexadecimal. */
export function sha256Hex(bytes: Uint8Array): string {
  return toHex(sha256(bytes));
}

/** The name git gives an object. The content is not copied. */
export function objectName(format: ObjectFormat, type: ObjectType, body: Uint8Array): Oid {
  const hash = format.name === 'sha1' ? sha1.create() : sha256.create();
  return toHex(
    hash
      .update(toByteArray(`${type} ${body.length}\0`))
      .update(body)
      .digest(),
  ) as Oid;
}

function toHex(bytes: Uint8Array): string {
  let hex = '';
  for (const byte of bytes) hex += byte.toString(16).padStart(2, '0');
  return hex;
}
