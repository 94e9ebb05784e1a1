import type { ByteString } from '../../core/byte-string.ts';
import { MalformedError, SnapshotError } from '../../core/errors.ts';
import { parseCommit } from '../../core/git/commit.ts';
import type { TreeItem } from '../../core/git/tree.ts';
import { parseTree } from '../../core/git/tree.ts';
import type { Oid } from '../../core/oid.ts';
import { once } from '../../core/once.ts';
import type { Policy } from '../../core/policy/policy.ts';
import { parsePolicy } from '../../core/policy/policy.ts';
import { POLICY_REF } from '../../core/refs.ts';
import type { KeyId, PublicKey } from '../../core/signing.ts';
import { fingerprintOf } from '../../core/signing.ts';
import type { Context } from '../context.ts';

/** A policy that follows from the pin outside the repository. */
export interface TrustedPolicy {
  readonly policy: Policy;
  /** `sha256:` over its file. */
  readonly digest: string;
  readonly commit: Oid;
  /** The policy's keys, each certificate checked against its digest in the policy. Read when first asked for. */
  readonly keys: () => Promise<readonly PublicKey[]>;
  /** Armored signatures over the policy's file, by the key that they claim to be of. */
  readonly signatures: () => Promise<ReadonlyMap<KeyId, ByteString>>;
  readonly bytes: ByteString;
}

/**
 * Reads the policy in force and holds it against the pin.
 *
 * Trust does not come from the repository: version 1 is believed because its digest is the one that this user
 * pinned when the repository was set up or first met.
 *
 * @throws {SnapshotError} `config` where there is no policy, `untrusted` where it is not the pinned one
 */
export async function loadPolicy(ctx: Context): Promise<TrustedPolicy> {
  const tip = await ctx.store.readRef(POLICY_REF);
  if (tip === null) {
    throw new SnapshotError('config', 'this repository has no snapshot policy', {
      hint: 'If it was set up elsewhere, fetch it (see "Sharing" in the README); else run "git snapshot init".',
    });
  }
  const read = await readPolicyCommit(ctx, tip);
  if (read.parent !== undefined || read.policy.version !== 1) {
    throw new SnapshotError(
      'untrusted',
      `the policy in '${POLICY_REF}' is a later version, which this program cannot judge`,
      {
        hint: 'Update git-snapshot.',
      },
    );
  }
  await requirePin(ctx, read.policy, read.digest);
  return read;
}

async function readPolicyCommit(ctx: Context, oid: Oid): Promise<TrustedPolicy & { parent: Oid | undefined }> {
  const { store } = ctx;
  const what = `policy commit ${oid}`;
  const object = await store.readObject(oid);
  if (object.type !== 'commit') throw new MalformedError(`'${POLICY_REF}'`, `names a ${object.type}, not a commit`);
  const { tree, parent } = parseCommit(object.body, store.format, what);
  const top = await readTree(ctx, tree, what);
  const file = top.find(({ name, mode }) => name === 'policy.json' && mode === '100644');
  if (file === undefined) throw new MalformedError(what, "has no file 'policy.json'");
  const { body: bytes } = await store.readObject(file.oid);
  const policy = parsePolicy(bytes, what);
  return {
    policy,
    bytes,
    digest: `sha256:${ctx.digest.sha256(bytes)}`,
    commit: oid,
    parent,
    keys: once(() => readKeys(ctx, policy, top, what)),
    signatures: once(() => readSignatures(ctx, top, what)),
  };
}

async function readKeys(ctx: Context, policy: Policy, top: readonly TreeItem[], what: string): Promise<PublicKey[]> {
  const files = await readDirectory(ctx, top, 'keys', what);
  return Object.entries(policy.keys).map(([id, { certificate }]) => {
    const key = id as KeyId;
    const armored = files.get(`${fingerprintOf(key)}.asc`);
    if (armored === undefined) throw new MalformedError(what, `has no certificate for ${key}`);
    if (`sha256:${ctx.digest.sha256(armored)}` !== certificate) {
      throw new MalformedError(what, `the certificate for ${key} is not the one that the policy names`);
    }
    return { key, armored };
  });
}

async function readSignatures(ctx: Context, top: readonly TreeItem[], what: string): Promise<Map<KeyId, ByteString>> {
  const files = await readDirectory(ctx, top, 'signatures', what);
  return new Map([...files].map(([name, armor]) => [`openpgp:${name.replace(/\.sig$/, '')}`, armor]));
}

async function readDirectory(
  ctx: Context,
  top: readonly TreeItem[],
  name: string,
  what: string,
): Promise<Map<string, ByteString>> {
  const directory = top.find((item) => item.name === name && item.mode === '40000');
  if (directory === undefined) throw new MalformedError(what, `has no directory '${name}'`);
  const items = await readTree(ctx, directory.oid, what);
  const objects = await ctx.store.readObjects(items.map(({ oid }) => oid));
  return new Map(items.map((item, i) => [item.name, objects[i]?.body ?? '']));
}

async function readTree(ctx: Context, oid: Oid, what: string): Promise<TreeItem[]> {
  const { type, body } = await ctx.store.readObject(oid);
  if (type !== 'tree') throw new MalformedError(what, `${oid} is a ${type}, not a tree`);
  return parseTree(body, ctx.store.format, what);
}

async function requirePin(ctx: Context, policy: Policy, digest: string): Promise<void> {
  const pinned = await ctx.trust.read(policy.repository);
  if (pinned === digest) return;
  if (pinned !== undefined) {
    throw new SnapshotError('untrusted', `the policy in '${POLICY_REF}' is not the one that you trust`, {
      hint: `Expected ${pinned}, found ${digest}. Ask whoever runs the repository; do not go on until you know why.`,
    });
  }
  const keys = policy.roles.root.people.flatMap((person) => policy.people[person]?.keys ?? []);
  if (ctx.confirm !== undefined) {
    ctx.note('You have not met the snapshot policy of this repository before:');
    ctx.note(`  policy    ${digest}`);
    for (const key of keys) ctx.note(`  root key  ${key}`);
    ctx.note('Compare this with what its owner says.');
  }
  if (ctx.confirm !== undefined && (await ctx.confirm('Trust it from now on?'))) {
    await ctx.trust.pin(policy.repository, digest);
    return;
  }
  throw new SnapshotError('untrusted', 'you have not said that you trust the policy of this repository', {
    hint: `Get its digest from the owner and set GIT_SNAPSHOT_TRUST_ROOT; here it is ${digest}.`,
  });
}
