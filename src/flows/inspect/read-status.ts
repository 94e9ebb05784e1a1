import { SnapshotError } from '../../core/errors.ts';
import type { Oid } from '../../core/oid.ts';
import type { LockHolder } from '../../core/rollback/lock-holder.ts';
import type { DirectoryReplacer } from '../../core/rollback/port.ts';
import type { Workdir } from '../../core/workdir.ts';
import type { Context, GovernedSet } from '../context.ts';
import { governedSet } from '../policy/governed-set.ts';
import type { TrustedPolicy } from '../policy/load-policy.ts';
import { loadPolicy } from '../policy/load-policy.ts';
import type { StatusResult } from '../results.ts';
import { listSnapshotRefs } from '../snapshot/list-snapshot-refs.ts';
import { currentSnapshot, type LiveChanges, liveChanges } from '../snapshot/live-changes.ts';
import type { StoredSnapshot } from '../snapshot/read-snapshots.ts';
import { snapshotInfo } from '../snapshot/read-snapshots.ts';
import { currentIsRemoved, removedCurrent } from '../snapshot/removed-current.ts';
import { NOT_COMPARED, tellNowLeftOut, tellUnfit } from '../snapshot/tell-left-out.ts';
import { standingFault } from '../verify/standing.ts';

/** How often it looks again where a rollback begins or ends meanwhile. */
const LOOKS = 5;

/** Compares the live directory with what it should be: the snapshot that was last taken from it or put into it. */
export async function readStatus(ctx: Context, choice: { readonly set: string | undefined }): Promise<StatusResult> {
  const trusted = await loadPolicy(ctx);
  const set = governedSet(trusted.policy, choice.set);
  const workdir = await ctx.workdir(set);
  const scene = { trusted, set, workdir };
  let state = await stateOf(ctx, scene);
  for (let looks = 1; ; looks++) {
    const status = await compare(ctx, scene, state);
    const now = await stateOf(ctx, scene);
    // What was compared may be neither what was there before nor what is there now.
    if (isSame(state, now) || looks === LOOKS) {
      for (const note of status.notes) ctx.note(note);
      return status.result;
    }
    state = now;
  }
}

interface StatusScene {
  readonly trusted: TrustedPolicy;
  readonly set: GovernedSet;
  readonly workdir: Workdir;
}

/** What a rollback changes beside the directory. */
interface State {
  readonly expected: Oid | undefined;
  readonly unfinished: ReturnType<DirectoryReplacer['unfinished']>;
  readonly holder: LockHolder | undefined;
}

async function stateOf(ctx: Context, { set, workdir }: StatusScene): Promise<State> {
  const replacer = await ctx.replacer(set);
  return { unfinished: replacer.unfinished(), expected: await workdir.readExpected(), holder: replacer.holder() };
}

function isSame(one: State, other: State): boolean {
  return (
    one.expected === other.expected &&
    one.unfinished?.operation === other.unfinished?.operation &&
    one.holder?.pid === other.holder?.pid
  );
}

async function compare(
  outer: Context,
  { trusted, set, workdir }: StatusScene,
  { unfinished, holder }: State,
): Promise<{ readonly result: StatusResult; readonly notes: readonly string[] }> {
  const notes: string[] = [];
  const ctx: Context = { ...outer, note: (text) => void notes.push(text) };
  const refs = await listSnapshotRefs(ctx, set.name);
  const removed = await removedCurrent(ctx, { set: set.name, workdir, refs });
  if (removed !== undefined) {
    const { message, hint } = currentIsRemoved(removed);
    ctx.note(`warning: ${message}. ${hint ?? ''}`);
  }
  const current = await currentSnapshot(ctx, workdir, { set: set.name, refs });
  const fault = current && (await standingFault(ctx, trusted, current.tag));
  if (fault !== undefined) ctx.note(`warning: '${current?.snapshot.id}' is not to be counted on: ${fault}`);
  const isAtWork = unfinished !== undefined || holder !== undefined;
  const compared = current && (await changesUnless(ctx, { set, current, isAtWork }));
  const { changes, unfit = [], nowLeftOut = [] } = compared ?? {};
  tellUnfit(ctx, unfit, NOT_COMPARED);
  tellNowLeftOut(ctx, nowLeftOut);
  const result: StatusResult = {
    set: set.name,
    path: set.path,
    snapshot: current && snapshotInfo(ctx, current),
    // What cannot be compared is there.
    exists: (current !== undefined && changes === undefined) || workdir.exists(),
    clean: changes?.length === 0,
    changes: changes ?? [],
    unfit,
    rollback: unfinished && {
      set: set.name,
      from: unfinished.from,
      to: unfinished.to,
      startedAtSec: unfinished.startedAtSec,
      heldBy: unfinished.heldBy,
    },
    busy: unfinished === undefined ? holder : undefined,
  };
  return { result, notes };
}

/** What differs; undefined where that cannot be told and somebody is at work or did not finish, which is the news then. */
async function changesUnless(
  ctx: Context,
  { set, current, isAtWork }: { set: GovernedSet; current: StoredSnapshot; isAtWork: boolean },
): Promise<LiveChanges | undefined> {
  try {
    return await liveChanges(ctx, set, current);
  } catch (error) {
    if (!isAtWork || !(error instanceof SnapshotError)) throw error;
    for (const line of `warning: the directory cannot be compared: ${error.message}`.split('\n')) ctx.note(line);
    return undefined;
  }
}
