import type { Digest } from '../core/ports.ts';
import { crypto, objectName } from './objects/object-name.ts';

/** Hashes by node:crypto. */
export const nodeDigest: Digest = {
  sha256: (bytes) => crypto().createHash('sha256').update(bytes, 'latin1').digest('hex'),
  objectName: (format, type, body) => objectName(format, type, Buffer.from(body, 'latin1')),
};
