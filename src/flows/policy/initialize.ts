import { percentEncode, utf8Encode } from '../../core/byte-string.ts';
import { SnapshotError } from '../../core/errors.ts';
import { DEFAULT_SET } from '../../core/policy/default-set.ts';
import { encodePolicy, parsePolicy } from '../../core/policy/policy.ts';
import type { Policy } from '../../core/policy/schema.ts';
import { isRelativePath, ROLES } from '../../core/policy/schema.ts';
import { isName, LOG_REF, POLICY_REF, requireName } from '../../core/refs.ts';
import type { Context, KeyChoice, ObtainedKey } from '../context.ts';
import { publishOn } from '../log/publish.ts';
import type { InitResult } from '../results.ts';
import { pinPlace } from './pin-place.ts';
import { signatureFileName } from './read-policy.ts';
import { refuseRival } from './refuse-rival.ts';
import { policyEvent, writePolicyCommit } from './write-policy.ts';

/** How to set a repository up. */
export interface InitOptions {
  /** Empty: `artifacts` in `artifacts/`. Paths relative to the top level. */
  readonly sets: readonly { readonly set: string; readonly path: string }[];
  readonly key: KeyChoice;
  /** Whether a key that is made shall have a passphrase. */
  readonly passphrase: boolean;
  /** Called once it is known that there is something to set up, and before anything is written; throws to stop. */
  readonly confirm?: (() => Promise<void>) | undefined;
}

/**
 * Sets a repository up: a signing key, version 1 of the policy with that key in every role, the log's first event,
 * and the pin by which this user will know the policy again.
 *
 * @throws {SnapshotError} of kind `conflict` if the repository or its usual remote has a policy
 */
export async function initialize(ctx: Context, options: InitOptions): Promise<InitResult> {
  if (ctx.isBare) {
    throw new SnapshotError('config', 'there is no working tree here, as in a bare repository or in .git', {
      hint: 'Set up a repository with a working tree, and push from there.',
    });
  }
  if ((await ctx.store.readRef(POLICY_REF)) !== null) {
    throw new SnapshotError('conflict', 'this repository is already set up', {
      hint: 'Take a snapshot with "git snapshot -m MESSAGE"; "git snapshot policy show" tells what is set up.',
    });
  }
  const sets = checkSets(options.sets);
  await refuseRival(ctx);
  await options.confirm?.();
  const identity = await ctx.identity();
  const key = await ctx.obtainKey(options.key, { passphrase: options.passphrase });
  const policy = firstPolicy({
    repository: ctx.randomHex(32),
    sets,
    key,
    owner: identity.name,
    certificate: ctx.digest.sha256(key.publicKey.armored),
  });
  const bytes = encodePolicy(policy);
  // What is stored must be what will be read.
  parsePolicy(bytes, 'the new policy');
  const digest = `sha256:${ctx.digest.sha256(bytes)}`;
  const commit = await writePolicyCommit(ctx, {
    bytes,
    version: 1,
    parent: undefined,
    keys: [key.publicKey],
    schemas: new Map(),
    signatures: new Map([[signatureFileName(key.signer.key), await key.signer.sign(bytes)]]),
    identity,
  });

  await ctx.trust.pin(policy.repository, digest);
  // It counts first, and would go on saying another.
  if ((await ctx.trust.place?.read()) !== undefined) await pinPlace(ctx, digest);
  await publishOn(ctx, {
    before: async () => {
      if ((await ctx.store.readRef(LOG_REF)) !== null) {
        throw new SnapshotError('conflict', 'this repository has an audit log but no policy', {
          hint: 'Fetch refs/snapshot-policy/current from where the log came from.',
        });
      }
      return {
        event: policyEvent(ctx, { policy, digest, commit, key: key.signer.key, seq: 1 }),
        updates: [{ name: POLICY_REF, from: null, to: commit }],
        reason: 'snapshot: policy version 1',
        result: undefined,
        head: null,
      };
    },
    signer: key.signer,
    identity,
    repository: policy.repository,
    guards: [],
  });
  return {
    repository: policy.repository,
    sets,
    key: key.publicKey.key,
    keySource: key.source,
    policy: { version: 1, digest },
    remotes: (await ctx.remotes()).map(({ name }) => name),
  };
}

function checkSets(asked: InitOptions['sets']): { set: string; path: string }[] {
  const sets = (asked.length > 0 ? asked : [{ set: DEFAULT_SET, path: DEFAULT_SET }]).map(({ set, path }) => {
    requireName(set, 'the set');
    const trimmed = path.replace(/\/+$/, '');
    if (!isRelativePath(trimmed)) {
      throw new SnapshotError('usage', `'${percentEncode(utf8Encode(path))}' cannot be the directory of a set`, {
        hint: 'Give a directory below the top level of the repository, outside .git.',
      });
    }
    return { set, path: trimmed };
  });
  for (const { set, path } of sets) {
    const other = sets.find((candidate) => candidate.set !== set && `${path}/`.startsWith(`${candidate.path}/`));
    if (other !== undefined)
      throw new SnapshotError('usage', `the sets '${other.set}' and '${set}' overlap`, {
        hint: 'Give each its own directory.',
      });
    if (sets.filter((candidate) => candidate.set === set).length > 1)
      throw new SnapshotError('usage', `the set '${set}' is given twice`);
  }
  return sets;
}

interface FirstPolicy {
  readonly repository: string;
  readonly sets: readonly { set: string; path: string }[];
  readonly key: ObtainedKey;
  readonly owner: string;
  /** SHA-256 of the armored certificate. */
  readonly certificate: string;
}

function firstPolicy({ repository, sets, key, owner, certificate }: FirstPolicy): Policy {
  const person = personName(owner);
  const { key: id } = key.publicKey;
  const holders = { people: [person], threshold: 1 };
  return {
    format: 1,
    repository,
    version: 1,
    sets: Object.fromEntries(sets.map(({ set, path }) => [set, { path, exclude: [] }])),
    people: { [person]: { name: owner, keys: [id] } },
    keys: { [id]: { certificate: `sha256:${certificate}` } },
    roles: Object.fromEntries(ROLES.map((role) => [role, holders])) as Policy['roles'],
  };
}

/** A name for the policy from a person's own: `Ada Example` is `ada-example`. */
function personName(owner: string): string {
  const name = owner
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40);
  return isName(name) ? name : 'owner';
}
