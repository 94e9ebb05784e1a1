import type { Digest } from '../core/ports.ts';
import { crypto, objectName } from './objects/object-name.ts';

/** Hashes by node:crypto. */
export const nodeDigest: Digest = {
  sha256: (bytes) => crypto().hash('sha256', Buffer.from(bytes, 'latin1'), 'hex'),
  objectName: (format, type, body) => objectName(format, type, Buffer.from(body, 'latin1')),
};
