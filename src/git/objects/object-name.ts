import type { Hash } from 'node:crypto';
import type { ObjectFormat, ObjectType, Oid } from '../../core/oid.ts';
import { once } from '../../core/once.ts';

/** Loaded when something is hashed: listings are not, and it takes 5 ms. */
export const crypto = once(() => process.getBuiltinModule('node:crypto'));

/** The hash that names an object, its header already fed: content goes in next. */
export function objectHash(format: ObjectFormat, type: ObjectType, size: number): Hash {
  return crypto().createHash(format.name).update(`${type} ${size}\0`, 'latin1');
}

/** Copying more than this takes longer than it saves. */
const ONE_STEP_BYTES = 16_384;

/** The name git gives an object. */
export function objectName(format: ObjectFormat, type: ObjectType, body: Uint8Array): Oid {
  const header = Buffer.from(`${type} ${body.length}\0`, 'latin1');
  // In one step: a hash that can take more is an object that the collector has to clear up.
  if (body.length < ONE_STEP_BYTES) return crypto().hash(format.name, Buffer.concat([header, body]), 'hex') as Oid;
  return objectHash(format, type, body.length).update(body).digest('hex') as Oid;
}
