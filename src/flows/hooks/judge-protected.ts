import type { ByteString } from '../../core/byte-string.ts';
import { utf8Encode } from '../../core/byte-string.ts';
import { MalformedError, MissingObjectError } from '../../core/errors.ts';
import { compileGlob } from '../../core/gates/glob.ts';
import type { Oid } from '../../core/oid.ts';
import { once } from '../../core/once.ts';
import type { Protection } from '../../core/policy/protect-schema.ts';
import type { Policy } from '../../core/policy/schema.ts';
import { governedRoot } from '../../core/share/governed-refs.ts';
import type { RefusedChange } from '../../core/share/hook-verdict.ts';
import type { Context } from '../context.ts';
import { logFault, openLog } from '../log/open-log.ts';
import type { TrustedPolicy } from '../policy/load-policy.ts';
import { listSnapshotRefs } from '../snapshot/list-snapshot-refs.ts';
import type { StoredSnapshot } from '../snapshot/read-snapshots.ts';
import { readSnapshots } from '../snapshot/read-snapshots.ts';
import { failedChecks, openJudge } from '../verify/judge-snapshot.ts';
import type { SameContent } from './same-content.ts';
import { contentComparison } from './same-content.ts';
import { treeAt } from './tree-at.ts';

/** A ref that a push would change. null: it would be deleted. */
export interface ProtectedUpdate {
  readonly ref: ByteString;
  readonly to: Oid | null;
}

/** Whether a policy says anything of refs that are not ours. */
export function hasProtection({ protect = {} }: Policy): boolean {
  return Object.keys(protect).length > 0;
}

/**
 * Judges changes of ordinary refs by the policy's `protect` rules: a protected ref may only be moved to a commit in which the
 * set's directory holds what the rule says. Only that commit is looked at, and not those that it stands on.
 *
 * Content is compared by git's object names, and the snapshot is judged as `verify --quick` does.
 */
export async function judgeProtected(
  ctx: Context,
  trusted: TrustedPolicy,
  updates: readonly ProtectedUpdate[],
): Promise<RefusedChange[]> {
  const { protect = {}, sets } = trusted.policy;
  const rules = Object.entries(protect).map(([name, rule]) => ({
    name,
    rule,
    path: sets[rule.set]?.path ?? '',
    globs: rule.refs.map((glob) => compileGlob(utf8Encode(glob))),
  }));
  const state = once(() => openState(ctx, trusted));
  const refused: RefusedChange[] = [];
  for (const { ref, to } of updates) {
    if (governedRoot(ref) !== undefined) continue;
    for (const { name, rule, path, globs } of rules) {
      if (!globs.some((matches) => matches(ref))) continue;
      const fault = await faultOf(ctx, { to, rule, path }, state);
      if (fault !== undefined) refused.push({ ref, reason: `${fault.reason} (rule '${name}')`, hint: fault.hint });
    }
  }
  return refused;
}

interface Fault {
  readonly reason: string;
  readonly hint: string;
}

/** What rules compare with. */
interface State {
  /** Snapshots of a set, newest first. */
  readonly snapshots: (set: string) => Promise<readonly StoredSnapshot[]>;
  /** Payload of what is live. */
  readonly live: (set: string, environment: string) => { readonly id: string; readonly payload: string } | undefined;
  /** Why a snapshot does not verify, or undefined. */
  readonly fault: (stored: StoredSnapshot) => Promise<string | undefined>;
  readonly payloadOf: (stored: StoredSnapshot) => string;
  readonly same: SameContent;
  /** Why nothing can be told of snapshots at all. */
  readonly logFault: string | undefined;
}

async function openState(ctx: Context, trusted: TrustedPolicy): Promise<State> {
  const log = await openLog(ctx, trusted);
  const judge = once(() => openJudge(ctx, trusted));
  const sets = new Map<string, Promise<readonly StoredSnapshot[]>>();
  const snapshotsOf = async (set: string) =>
    (await readSnapshots(ctx, await listSnapshotRefs(ctx, set))).snapshots.toReversed();
  return {
    snapshots: (set) => {
      const known = sets.get(set) ?? snapshotsOf(set);
      sets.set(set, known);
      return known;
    },
    live: (set, environment) => log.ledger.live(set, environment)?.event.snapshot,
    fault: async (stored) => failedChecks(await (await judge())(stored)),
    payloadOf: ({ payload }) => `sha256:${ctx.digest.sha256(payload)}`,
    same: contentComparison(ctx.store),
    logFault: logFault(log),
  };
}

async function faultOf(
  ctx: Context,
  { to, rule, path }: { to: Oid | null; rule: Protection; path: string },
  state: () => Promise<State>,
): Promise<Fault | undefined> {
  if (to === null) {
    if (rule.allowDelete === true) return undefined;
    return { reason: 'is protected, and would be deleted', hint: 'The policy must say "allowDelete: true" for that.' };
  }
  const found = await treeAt(ctx.store, { oid: to, path });
  const hint = wayOut(rule, path);
  if (found.tree === undefined) return { reason: `is protected, and ${to} ${found.reason}`, hint };
  const { tree } = found;
  const opened = await state();
  if (opened.logFault !== undefined) {
    const ways = 'See what is wrong with "git snapshot log --verify" in the repository that refused it.';
    return { reason: `is protected, and the audit log is not to be believed: ${opened.logFault}`, hint: ways };
  }
  const live = rule.environment === undefined ? undefined : opened.live(rule.set, rule.environment);
  if (rule.equals === 'live' && live === undefined)
    return { reason: `is protected, and nothing of '${rule.set}' is live in ${rule.environment ?? ''}`, hint };
  const candidates = (await opened.snapshots(rule.set)).filter(
    (stored) => live === undefined || opened.payloadOf(stored) === live.payload,
  );
  const equal = await equalTo(tree, candidates, opened);
  if (equal.trusted) return undefined;
  if (equal.fault !== undefined) return { reason: `is protected, and '${path}' in it is ${equal.fault}`, hint };
  const wanted = live === undefined ? `a snapshot of '${rule.set}'` : `${live.id}, live in ${rule.environment ?? ''}`;
  return { reason: `is protected, and '${path}' in ${to} does not hold what is in ${wanted}`, hint };
}

/** Looks for one that holds the same and verifies; those with the very tree first, since that takes no reading. */
async function equalTo(
  tree: Oid,
  candidates: readonly StoredSnapshot[],
  { same, fault }: State,
): Promise<{ readonly trusted: boolean; readonly fault?: string }> {
  let firstFault: string | undefined;
  for (const isExact of [true, false]) {
    for (const stored of candidates) {
      const hasTree = stored.snapshot.tree === tree;
      if (hasTree !== isExact || !(hasTree || (await isSame(same, tree, stored.snapshot.tree)))) continue;
      const reasons = await fault(stored);
      if (reasons === undefined) return { trusted: true };
      firstFault ??= `what ${stored.snapshot.id} holds, which does not verify: ${reasons}`;
    }
  }
  return firstFault === undefined ? { trusted: false } : { trusted: false, fault: firstFault };
}

/** What no snapshot can hold is in none. */
async function isSame(same: SameContent, tree: Oid, other: Oid): Promise<boolean> {
  try {
    return await same(tree, other);
  } catch (error) {
    if (error instanceof MalformedError || error instanceof MissingObjectError) return false;
    throw error;
  }
}

function wayOut({ equals, environment, set }: Protection, path: string): string {
  return equals === 'live'
    ? `Commit '${path}' as it is in ${environment ?? ''} ("git snapshot restore ${set}/@${environment ?? ''}"), or have it promoted first.`
    : `Take a snapshot of '${path}' as it is there, push it with "git snapshot push", and push again.`;
}
