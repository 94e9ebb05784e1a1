import { createHash, type Hash } from 'node:crypto';
import type { ObjectFormat, ObjectType, Oid } from '../../core/oid.ts';

/** The hash that names an object, its header already fed: content goes in next. */
export function objectHash(format: ObjectFormat, type: ObjectType, size: number): Hash {
  return createHash(format.name).update(`${type} ${size}\0`, 'latin1');
}

/** The name git gives an object. */
export function objectName(format: ObjectFormat, type: ObjectType, body: Uint8Array): Oid {
  return objectHash(format, type, body.length).update(body).digest('hex') as Oid;
}
