import type { ByteString } from '../../core/byte-string.ts';
import { utf8Decode } from '../../core/byte-string.ts';
import { MalformedError } from '../../core/errors.ts';
import { parseCommit } from '../../core/git/commit.ts';
import type { TreeItem } from '../../core/git/tree.ts';
import { parseTree } from '../../core/git/tree.ts';
import type { Oid } from '../../core/oid.ts';
import { once } from '../../core/once.ts';
import type { Policy } from '../../core/policy/schema.ts';
import type { PolicyVersion } from '../../core/policy/timeline.ts';
import type { KeyId, PublicKey } from '../../core/signing.ts';
import { fingerprintOf } from '../../core/signing.ts';
import type { Context } from '../context.ts';

/** A version of the policy as its commit holds it. Well-formed; who signed it is still to be checked. */
export interface StoredPolicy extends PolicyVersion {
  /** The commit of the version before it, or undefined. */
  readonly parent: Oid | undefined;
  /** The policy's keys, each certificate checked against its digest in the policy. Read when first asked for. */
  readonly keys: () => Promise<readonly PublicKey[]>;
  /** The JSON Schemas that its gates use, by name, each checked against its digest in the policy. */
  readonly schemas: () => Promise<ReadonlyMap<string, ByteString>>;
  /** Armored signatures over the policy's file, by file name. */
  readonly signatures: () => Promise<ReadonlyMap<string, ByteString>>;
  /** What is signed. */
  readonly bytes: ByteString;
}

/** Whether a policy with this digest was checked before: then it is not checked again. */
export type IsKnownPolicy = (repository: string, digest: string) => Promise<boolean>;

/** @throws {MalformedError} for anything that is not a commit of a policy as we write it */
export async function readPolicyCommit(
  ctx: Pick<Context, 'store' | 'digest'>,
  oid: Oid,
  isKnown?: IsKnownPolicy,
): Promise<StoredPolicy> {
  const { store } = ctx;
  const what = `policy commit ${oid}`;
  const object = await store.readObject(oid);
  if (object.type !== 'commit') throw new MalformedError(what, `is a ${object.type}, not a commit`);
  const { tree, parent } = parseCommit(object.body, store.format, what);
  const top = await readTree(ctx, tree, what);
  const file = top.find(({ name, mode }) => name === 'policy.json' && mode === '100644');
  if (file === undefined) throw new MalformedError(what, "has no file 'policy.json'");
  const { body: bytes } = await store.readObject(file.oid);
  const digest = `sha256:${ctx.digest.sha256(bytes)}`;
  const policy = (await knownPolicy(bytes, digest, isKnown)) ?? (await checkedPolicy(bytes, what));
  return {
    policy,
    bytes,
    digest,
    commit: oid,
    parent,
    keys: once(() => readKeys(ctx, { policy, top, what })),
    schemas: once(() => readSchemas(ctx, { policy, top, what })),
    signatures: once(() => readDirectory(ctx, { top, name: 'signatures', what })),
  };
}

/** The schema, and the library that it is written with, are loaded only where they are needed: most commands know the policy. */
async function checkedPolicy(bytes: ByteString, what: string): Promise<Policy> {
  return (await import('../../core/policy/policy.ts')).parsePolicy(bytes, what);
}

async function knownPolicy(
  bytes: ByteString,
  digest: string,
  isKnown: IsKnownPolicy | undefined,
): Promise<Policy | undefined> {
  const repository = /"repository":"([0-9a-f]{64})"/.exec(bytes)?.[1];
  if (repository === undefined || !(await isKnown?.(repository, digest))) return undefined;
  return JSON.parse(utf8Decode(bytes) ?? '') as Policy;
}

/** The file of a key's public part in a policy's `keys/`, and of its signature in `signatures/`. */
export function keyFileName(key: KeyId): string {
  return `${fingerprintOf(key)}.${key.startsWith('ssh:') ? 'pub' : 'asc'}`;
}

/** The file of a JSON Schema in a policy's `schemas/`. */
export function schemaFileName(name: string): string {
  return `${name}.json`;
}

/** See {@link keyFileName}. */
export function signatureFileName(key: KeyId): string {
  return `${fingerprintOf(key)}.sig`;
}

async function readKeys(
  ctx: Pick<Context, 'store' | 'digest'>,
  { policy, top, what }: { policy: Policy; top: readonly TreeItem[]; what: string },
): Promise<PublicKey[]> {
  const files = await readDirectory(ctx, { top, name: 'keys', what });
  return Object.entries(policy.keys).map(([id, { certificate }]) => {
    const key = id as KeyId;
    const armored = files.get(keyFileName(key));
    if (armored === undefined) throw new MalformedError(what, `has no certificate for ${key}`);
    if (`sha256:${ctx.digest.sha256(armored)}` !== certificate) {
      throw new MalformedError(what, `the certificate for ${key} is not the one that the policy names`);
    }
    return { key, armored };
  });
}

async function readSchemas(
  ctx: Pick<Context, 'store' | 'digest'>,
  { policy: { schemas = {} }, top, what }: { policy: Policy; top: readonly TreeItem[]; what: string },
): Promise<Map<string, ByteString>> {
  const names = Object.entries(schemas);
  if (names.length === 0) return new Map();
  const files = await readDirectory(ctx, { top, name: 'schemas', what });
  return new Map(
    names.map(([name, { digest }]) => {
      const bytes = files.get(schemaFileName(name));
      if (bytes === undefined) throw new MalformedError(what, `has no schema '${name}'`);
      if (`sha256:${ctx.digest.sha256(bytes)}` !== digest)
        throw new MalformedError(what, `the schema '${name}' is not the one that the policy names`);
      return [name, bytes];
    }),
  );
}

async function readDirectory(
  ctx: Pick<Context, 'store'>,
  { top, name, what }: { top: readonly TreeItem[]; name: string; what: string },
): Promise<Map<string, ByteString>> {
  const directory = top.find((item) => item.name === name && item.mode === '40000');
  if (directory === undefined) throw new MalformedError(what, `has no directory '${name}'`);
  const items = await readTree(ctx, directory.oid, what);
  const objects = await ctx.store.readObjects(items.map(({ oid }) => oid));
  return new Map(items.map((item, i) => [item.name, objects[i]?.body ?? '']));
}

async function readTree(ctx: Pick<Context, 'store'>, oid: Oid, what: string): Promise<TreeItem[]> {
  const { type, body } = await ctx.store.readObject(oid);
  if (type !== 'tree') throw new MalformedError(what, `${oid} is a ${type}, not a tree`);
  return parseTree(body, ctx.store.format, what);
}
