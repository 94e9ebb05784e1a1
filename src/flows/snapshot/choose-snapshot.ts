import { MalformedError, SnapshotError } from '../../core/errors.ts';
import type { Policy } from '../../core/policy/schema.ts';
import type { Ref } from '../../core/ports.ts';
import { behindLive } from '../../core/promotion/behind-live.ts';
import { environmentOrder } from '../../core/promotion/rules.ts';
import { parseSnapshotRef, trashRef } from '../../core/refs.ts';
import { isBackup } from '../../core/snapshot/label.ts';
import type { Selector } from '../../core/snapshot/selector.ts';
import { parseSelector } from '../../core/snapshot/selector.ts';
import type { Verifying } from '../context.ts';
import { soundLog } from '../log/sound-log.ts';
import { governedSet } from '../policy/governed-set.ts';
import { loadPolicy } from '../policy/load-policy.ts';
import { requireSoundPromotion } from '../promotion/require-sound-promotion.ts';
import { listSnapshotRefs } from './list-snapshot-refs.ts';
import { currentSnapshot } from './live-changes.ts';
import type { AcceptSnapshot, StoredSnapshot } from './read-snapshots.ts';
import { readSnapshot, readSnapshots } from './read-snapshots.ts';
import { requireCurrentKept } from './removed-current.ts';

/** One snapshot by its selector. */
export interface SnapshotChoice {
  /** The set that is named apart from the selector. */
  readonly set: string | undefined;
  /** See {@link parseSelector}. */
  readonly snapshot: string;
  /** What `latest` and `current` pass over. A snapshot that is named more closely is not asked about. */
  readonly accept?: AcceptSnapshot;
}

/** The snapshot that is meant, in the set that is named or the usual one. @throws {SnapshotError} `not-found`, `usage` */
export async function chooseSnapshot(ctx: Verifying, choice: SnapshotChoice): Promise<StoredSnapshot> {
  const { policy } = await loadPolicy(ctx);
  return resolveSnapshot(ctx, policy, choice);
}

/**
 * Finds the snapshot that a person means.
 *
 * `latest` and `latest~N` do not count the backups that rollbacks make: after a rollback, `latest` is still
 * the newest snapshot that someone took.
 *
 * @throws {SnapshotError} `not-found`, or `usage` where several match
 */
export async function resolveSnapshot(
  ctx: Verifying,
  policy: Policy,
  { set: named, snapshot: text, accept }: SnapshotChoice,
): Promise<StoredSnapshot> {
  const selector = parseSelector(text);
  const set = setOfSelector(selector, named) ?? governedSet(policy, named).name;
  if (selector.by === 'environment') {
    return findLive(ctx, set, selector);
  }
  const refs = await listSnapshotRefs(ctx, set);
  // A set that the policy has no more may have snapshots still.
  if (refs.length === 0) throw noSnapshots(governedSet(policy, set).name);
  if (selector.by === 'current' && !ctx.isBare) {
    const workdir = await ctx.workdir(governedSet(policy, set));
    await requireCurrentKept(ctx, { set, workdir, refs });
    const current = await currentSnapshot(ctx, workdir, { set, refs, accept });
    if (current === undefined) throw noSnapshots(set);
    return current;
  }
  const newestFirst = refs.reverse();
  if (selector.by === 'id' || selector.by === 'manifest') return findByName(ctx, newestFirst, { set, selector, text });
  return selector.by === 'label'
    ? findByTag(ctx, newestFirst, { selector, text, accept: undefined })
    : findByTag(ctx, newestFirst, { selector, text, accept });
}

/** What is live in an environment, or was so many live snapshots before. */
async function findLive(
  ctx: Verifying,
  set: string,
  { environment, back }: Extract<Selector, { by: 'environment' }>,
): Promise<StoredSnapshot> {
  const trusted = await loadPolicy(ctx);
  if (!Object.hasOwn(trusted.policy.environments ?? {}, environment)) throw noEnvironment(trusted.policy, environment);
  const log = await soundLog(ctx, trusted);
  const live = log.ledger.live(set, environment);
  const wanted = back === 0 ? live : behindLive(log.ledger, { set, environment })[back - 1];
  if (wanted === undefined) {
    throw new SnapshotError(
      'not-found',
      back === 0 ? `nothing is live in ${environment}` : notSoManyLive(environment, back),
      { hint: 'See "git snapshot promotions".' },
    );
  }
  await requireSoundPromotion({ ctx, trusted }, wanted);
  const { id, tag } = wanted.event.snapshot;
  const ref = (await listSnapshotRefs(ctx, set)).find(({ oid }) => oid === tag);
  if (ref !== undefined) return readSnapshot(ctx, ref);
  const what = `'${id}' ${back === 0 ? 'is' : 'was'} live in ${environment}`;
  if (log.retention.fate(set, id)?.place === 'trash') {
    throw new SnapshotError('untrusted', `${what}, and is in the trash`, {
      hint: `"git snapshot undelete ${id}" brings it back.`,
    });
  }
  throw new SnapshotError('untrusted', `${what}, and its ref is gone`, { hint: 'Fetch it from a clone that has it.' });
}

/** What is said where an environment cannot go so many live snapshots back. */
export function notSoManyLive(environment: string, back: number): string {
  return back === 1
    ? `nothing was live in ${environment} before what is live now`
    : `${environment} has not had ${back} live snapshots before what is live now`;
}

/** What is said of an environment that the policy does not have. */
export function noEnvironment(policy: Policy, environment: string): SnapshotError {
  const names = environmentOrder(policy);
  return new SnapshotError('not-found', `there is no environment '${environment}'`, {
    hint:
      names.length === 0
        ? 'The policy has no environments; add them to .snapshots/policy.yaml (docs/promotion-rules.md).'
        : `The policy has: ${names.join(', ')}.`,
  });
}

/** The set that a selector names. @throws {SnapshotError} `usage` if another one is named apart from it */
export function setOfSelector({ set }: Selector, named: string | undefined): string | undefined {
  if (set === undefined || named === undefined || set === named) return set;
  throw new SnapshotError('usage', `the snapshot is one of the set '${set}', and --set says '${named}'`, {
    hint: 'Name the set once.',
  });
}

/** What is said where a set has nothing to choose from. */
export function noSnapshots(set: string): SnapshotError {
  return new SnapshotError('not-found', `the set '${set}' has no snapshots`, {
    hint: 'Take one with "git snapshot -m MESSAGE".',
  });
}

type ByTag = Extract<Selector, { by: 'latest' | 'current' | 'label' }>;
type ByName = Extract<Selector, { by: 'id' | 'manifest' }>;

async function findByTag(
  ctx: Verifying,
  newestFirst: readonly Ref[],
  { selector, text, accept }: { selector: ByTag; text: string; accept: AcceptSnapshot | undefined },
): Promise<StoredSnapshot> {
  let left = selector.by === 'latest' ? selector.back : 0;
  // A few at a time: the one that is asked for is mostly among the newest.
  for (let i = 0; i < newestFirst.length; i += 64) {
    const { snapshots, malformed } = await readSnapshots(ctx, newestFirst.slice(i, i + 64));
    for (const stored of snapshots) {
      const { labels } = stored.snapshot;
      const matches =
        selector.by === 'label'
          ? labels.some(({ key, value }) => key === selector.key && value === selector.value)
          : !isBackup(labels);
      if (!matches) continue;
      const reason = await accept?.(stored);
      if (reason !== undefined) ctx.note(`warning: '${stored.ref}' is passed over: ${reason}`);
      else if (left-- === 0) {
        for (const { ref, reason } of malformed)
          if (ref > stored.ref) ctx.note(`warning: '${ref}' is passed over: ${reason}`);
        return stored;
      }
    }
  }
  throw new SnapshotError('not-found', `there is no snapshot '${text}'`, {
    hint: 'Run "git snapshot list" to see what there is.',
  });
}

async function findByName(
  ctx: Verifying,
  newestFirst: readonly Ref[],
  { set, selector, text }: { set: string; selector: ByName; text: string },
): Promise<StoredSnapshot> {
  const candidates = newestFirst.filter(({ name }) => {
    const id = parseSnapshotRef(name)?.id ?? '';
    if (selector.by === 'id') return id.startsWith(selector.prefix);
    const known = id.slice(-12);
    return known.startsWith(selector.prefix.slice(0, 12));
  });
  const { snapshots, malformed } = await readSnapshots(ctx, candidates);
  const matches = snapshots.filter(
    ({ snapshot }) => selector.by === 'id' || snapshot.manifest.startsWith(selector.prefix),
  );
  const [first] = matches;
  if (first === undefined) {
    const [fault] = malformed;
    if (fault !== undefined) throw new MalformedError(`'${fault.ref}'`, fault.reason.replace(`'${fault.ref}': `, ''));
    throw await noneOfName(ctx, { set, selector, text });
  }
  // Snapshots of one manifest hold the same content: the newest stands for all of them.
  if (matches.length > 1 && new Set(matches.map(({ snapshot }) => snapshot.manifest)).size > 1) {
    const some = matches.slice(0, 4).map(({ snapshot }) => snapshot.id);
    throw new SnapshotError('usage', `'${text}' is ambiguous: ${matches.length} snapshots begin so`, {
      hint: `Give more of it: ${some.join(', ')}.`,
    });
  }
  return first;
}

async function noneOfName(
  ctx: Verifying,
  { set, selector, text }: { set: string; selector: ByName; text: string },
): Promise<SnapshotError> {
  const prefix = trashRef(set, selector.by === 'id' ? selector.prefix : '');
  const pruned = (await ctx.store.listRefs(trashRef(set, ''))).filter(
    ({ name }) => selector.by === 'id' && name.startsWith(prefix),
  );
  const [only, ...others] = pruned.map(({ name }) => name.slice(trashRef(set, '').length));
  return new SnapshotError('not-found', `there is no snapshot '${text}'`, {
    hint:
      only !== undefined && others.length === 0
        ? `It is in the trash: "git snapshot undelete ${only}" brings it back.`
        : 'Run "git snapshot list" to see what there is.',
  });
}
