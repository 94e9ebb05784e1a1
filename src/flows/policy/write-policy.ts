import type { AuditEvent } from '../../core/audit/event.ts';
import type { ByteString } from '../../core/byte-string.ts';
import { encodeCommit } from '../../core/git/commit.ts';
import type { TreeItem } from '../../core/git/tree.ts';
import { encodeTree } from '../../core/git/tree.ts';
import type { ObjectType, Oid } from '../../core/oid.ts';
import { personOf } from '../../core/policy/roles.ts';
import type { Policy } from '../../core/policy/schema.ts';
import type { KeyId, PublicKey } from '../../core/signing.ts';
import type { Context } from '../context.ts';
import { nowSec } from '../context.ts';
import { keyFileName, schemaFileName } from './read-policy.ts';

/** A version of the policy that is to be stored. */
export interface PolicyToWrite {
  /** The policy's file. */
  readonly bytes: ByteString;
  readonly version: number;
  readonly parent: Oid | undefined;
  readonly keys: readonly PublicKey[];
  /** JSON Schemas, by name. */
  readonly schemas: ReadonlyMap<string, ByteString>;
  /** Signatures over the file, by the name of theirs. */
  readonly signatures: ReadonlyMap<string, ByteString>;
  readonly identity: { readonly name: string; readonly email: string };
}

/** Stores the commit of a policy: the file, the keys, and the signatures over the file. Moves no ref. */
export async function writePolicyCommit(
  ctx: Context,
  { bytes, version, parent, keys, schemas, signatures, identity }: PolicyToWrite,
): Promise<Oid> {
  const { store, digest } = ctx;
  const objects: { type: ObjectType; body: ByteString }[] = [];
  const add = (type: ObjectType, body: ByteString): Oid => {
    objects.push({ type, body });
    return digest.objectName(store.format, type, body);
  };
  const file = (name: string, body: ByteString): TreeItem => ({ mode: '100644', name, oid: add('blob', body) });
  const directory = (name: string, items: readonly TreeItem[]): TreeItem => ({
    mode: '40000',
    name,
    oid: add('tree', encodeTree(items)),
  });
  const tree = add(
    'tree',
    encodeTree([
      file('policy.json', bytes),
      directory(
        'keys',
        keys.map(({ key, armored }) => file(keyFileName(key), armored)),
      ),
      ...(schemas.size === 0
        ? []
        : [
            directory(
              'schemas',
              [...schemas].map(([name, body]) => file(schemaFileName(name), body)),
            ),
          ]),
      directory(
        'signatures',
        [...signatures].map(([name, armor]) => file(name, armor)),
      ),
    ]),
  );
  const author = { ...identity, atSec: nowSec(ctx) };
  const commit = add('commit', encodeCommit({ tree, parent, author, message: `policy: version ${version}\n` }));
  await store.writeObjects(objects);
  return commit;
}

/** The event by which a version of the policy comes into force. */
export function policyEvent(
  ctx: Context,
  {
    policy,
    digest,
    commit,
    key,
    seq,
    actor = personOf(policy, key) ?? '',
  }: {
    policy: Policy;
    digest: string;
    commit: Oid;
    key: KeyId;
    seq: number;
    /** The person, where only the version before it knows them. */
    actor?: string | undefined;
  },
): AuditEvent {
  return {
    type: 'policy',
    commit,
    format: 1,
    seq,
    at: new Date(nowSec(ctx) * 1000).toISOString().replace('.000Z', 'Z'),
    repository: policy.repository,
    actor,
    key,
    policy: { version: policy.version, digest },
  };
}
