import { MalformedError, MissingObjectError } from '../../core/errors.ts';
import type { Oid } from '../../core/oid.ts';
import type { PromotionState } from '../../core/promotion/promotion-state.ts';
import { snapshotRef } from '../../core/refs.ts';
import { compareEntries } from '../../core/snapshot/changes.ts';
import type { Context } from '../context.ts';
import { sha256Of } from '../context.ts';
import type { Change, CheckResult } from '../results.ts';
import { withSizes } from '../snapshot/change-sizes.ts';
import type { StoredSnapshot } from '../snapshot/read-snapshots.ts';
import { readSnapshot, snapshotInfo } from '../snapshot/read-snapshots.ts';
import type { TreeEntry } from '../snapshot/snapshot-entries.ts';
import { snapshotEntries } from '../snapshot/snapshot-entries.ts';
import { checkContent, readContent } from '../verify/check-content.ts';
import { openJudge } from '../verify/judge-snapshot.ts';
import type { ReviewScene } from './review-choice.ts';
import type { ReviewedSnapshot } from './review-result.ts';

interface Found {
  readonly promotion: PromotionState;
  readonly stored: StoredSnapshot | undefined;
  readonly checks: CheckResult[];
}

/** What was found of the two snapshots of a review. */
export interface ReviewedPair {
  readonly snapshot: ReviewedSnapshot;
  readonly before: ReviewedSnapshot | undefined;
  readonly changes: readonly Change[] | undefined;
  /** The one under review, for gates; undefined where a check of it failed. */
  readonly good: StoredSnapshot | undefined;
}

/**
 * Verifies the snapshot under review and the one before it, and compares them. What is wrong with them is a result, not an error.
 *
 * @param options.quick - reads no content
 */
export async function reviewSnapshots(scene: ReviewScene, { quick }: { quick: boolean }): Promise<ReviewedPair> {
  const { ctx, reviewed, log, set, environment } = scene;
  const before = log.ledger
    .promotions(set.name, environment)
    .findLast(({ event, effective }) => event.number < reviewed.event.number && effective !== undefined);
  const found = [await find(scene, reviewed), ...(before === undefined ? [] : [await find(scene, before)])];
  const readable = found.flatMap(({ stored, checks }) => (stored === undefined ? [] : [{ snapshot: stored, checks }]));
  if (!quick) {
    const snapshots = readable.map(({ snapshot }) => snapshot);
    checkContent(ctx, readable, await readContent(ctx, snapshots));
  }
  const [snapshot, former] = found.map((one) => summary(ctx, one));
  if (snapshot === undefined) throw new Error('what is reviewed was looked for');
  const isGood = snapshot.checks.every(({ ok }) => ok);
  const stored = found.map((one) => one.stored);
  return { snapshot, before: former, changes: await changesOf(ctx, stored), good: isGood ? stored[0] : undefined };
}

/** Reads and judges the snapshot of a promotion, if it is there. */
async function find({ ctx, trusted }: ReviewScene, promotion: PromotionState): Promise<Found> {
  const { set, snapshot, seq } = promotion.event;
  const name = snapshotRef(set, snapshot.id);
  const fail = (check: string, detail: string) => ({
    promotion,
    stored: undefined,
    checks: [{ check, ok: false, detail }],
  });
  const oid = await ctx.store.readRef(name);
  if (oid === null) return fail('ref', `event ${seq} tells of '${name}', and it is gone`);
  try {
    const stored = await readSnapshot(ctx, { name, oid });
    const payload = sha256Of(ctx, stored.payload);
    const isSame = payload === snapshot.payload;
    const same: CheckResult = {
      check: 'promoted',
      ok: isSame,
      detail: isSame ? payload : `'${name}' holds ${payload}, and event ${seq} promotes ${snapshot.payload}`,
    };
    return { promotion, stored, checks: [same, ...(await (await openJudge(ctx, trusted))(stored))] };
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    return fail('format', error.message);
  }
}

function summary(ctx: Context, { promotion, stored, checks }: Found): ReviewedSnapshot {
  const { number, snapshot } = promotion.event;
  return { id: snapshot.id, number, info: stored && snapshotInfo(ctx, stored), checks };
}

/** Changes from the second to the first, or from nothing where there is no second. */
async function changesOf(
  ctx: Context,
  [to, ...others]: readonly (StoredSnapshot | undefined)[],
): Promise<Change[] | undefined> {
  if (to === undefined || (others.length > 0 && others[0] === undefined)) return undefined;
  try {
    const entries = async (stored: StoredSnapshot | undefined): Promise<readonly TreeEntry[]> => {
      if (stored === undefined) return [];
      const { tree, modes } = stored.snapshot;
      return (await snapshotEntries(ctx, { tree, modes, what: `'${stored.ref}'` })).entries;
    };
    return await withSizes(ctx, compareEntries(await entries(others[0]), await entries(to)), NO_SIZES);
  } catch (error) {
    if (error instanceof MalformedError || error instanceof MissingObjectError) return undefined;
    throw error;
  }
}

const NO_SIZES: ReadonlyMap<Oid, number> = new Map();
