import { createHash } from 'node:crypto';
import type { ObjectFormat, ObjectType, Oid } from '../../core/oid.ts';
import { entryHeader } from '../pack/pack-format.ts';
import { deflate } from './deflate.ts';
import { objectName } from './object-name.ts';

/** The pack entry of an object that is held whole. */
export function objectEntry(type: ObjectType, body: Uint8Array): Buffer {
  return Buffer.concat([entryHeader(type, body.length), deflate(body)]);
}

/** Names a file's content by both hashes. */
export function nameContent(format: ObjectFormat, content: Uint8Array): { oid: Oid; sha256: string } {
  return { oid: objectName(format, 'blob', content), sha256: createHash('sha256').update(content).digest('hex') };
}
