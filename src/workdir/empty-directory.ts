import { createHash } from 'node:crypto';
import type { Entry } from '../core/entry.ts';
import type { ObjectFormat, Oid } from '../core/oid.ts';

/** What is known of an empty directory without looking: it has no content. */
export function emptyDirectory(format: ObjectFormat): Pick<Entry, 'oid' | 'sha256' | 'size'> {
  const oid = createHash(format.name).update('tree 0\0').digest('hex') as Oid;
  return { oid, sha256: createHash('sha256').digest('hex'), size: 0 };
}
