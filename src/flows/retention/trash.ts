import { SnapshotError } from '../../core/errors.ts';
import type { Policy } from '../../core/policy/schema.ts';
import { snapshotRef, trashRef } from '../../core/refs.ts';
import { graceEndSec } from '../../core/retention/rules-of-set.ts';
import type { Context } from '../context.ts';
import { nowSec } from '../context.ts';
import { actorFor, requireRole } from '../log/actor.ts';
import type { Log } from '../log/open-log.ts';
import { publish } from '../log/publish.ts';
import { soundLog } from '../log/sound-log.ts';
import { planPrune } from './plan-prune.ts';
import { chooseFromTrash, openRetention, requireLawful } from './scene.ts';

/** A snapshot that was pruned and can be had back. */
export interface TrashInfo {
  readonly set: string;
  readonly snapshot: string;
  readonly removedAtSec: number;
  /** Why it was removed. */
  readonly rule: string;
  /** When its grace period ends, in seconds since the epoch: from then on pruning drops it. */
  readonly endsAtSec: number;
  /** Whether that is past. It can be had back until it is dropped. */
  readonly over: boolean;
}

/** What is in the trash of a set, newest first. */
export async function listTrash(ctx: Context, set: string | undefined): Promise<readonly TrashInfo[]> {
  const { trusted, log, set: governed } = await openRetention(ctx, set);
  return trashInfos({ policy: trusted.policy, log }, { set: governed.name, nowSec: nowSec(ctx) });
}

/** The same, of a policy and a log. */
export function trashInfos(
  { policy, log }: { readonly policy: Policy; readonly log: Pick<Log, 'retention'> },
  { set: governed, nowSec: now }: { readonly set: string; readonly nowSec: number },
): TrashInfo[] {
  return log.retention
    .fates(governed)
    .filter(({ place }) => place === 'trash')
    .map(({ set: name, snapshot, sinceSec, rule }) => {
      const endsAtSec = graceEndSec(policy, name, sinceSec);
      return {
        set: name,
        snapshot: snapshot.id,
        removedAtSec: sinceSec,
        rule: rule ?? '',
        endsAtSec,
        over: endsAtSec <= now,
      };
    })
    .sort((a, b) => (a.snapshot < b.snapshot ? 1 : -1));
}

/**
 * Brings snapshots back from the trash, and says which of them the next pruning removes again.
 *
 * @param options.snapshots - ids, or unique beginnings of them
 * @returns their ids
 * @throws {SnapshotError} `not-found` for what is not in the trash: nothing is brought back then
 */
export async function undelete(
  ctx: Context,
  options: {
    readonly set: string | undefined;
    readonly snapshots: readonly string[];
    readonly reason: string | undefined;
  },
): Promise<readonly { readonly set: string; readonly snapshot: string }[]> {
  const scene = await openRetention(ctx, options.set);
  const { trusted, set } = scene;
  const ids = [...new Set(options.snapshots.map((text) => chooseFromTrash(scene, text).snapshot.id))];
  const actor = await actorFor(ctx, trusted);
  requireRole(actor, 'pruner', { set: set.name });
  for (const id of ids) {
    await publish(ctx, actor, async () => {
      const log = await soundLog(ctx, trusted);
      const { snapshot } = chooseFromTrash({ log, set }, id);
      if ((await ctx.store.readRef(trashRef(set.name, id))) !== snapshot.tag) throw gone(trashRef(set.name, id));
      return {
        event: {
          type: 'undelete',
          set: set.name,
          snapshot,
          ...(options.reason === undefined ? {} : { reason: options.reason }),
        },
        updates: [
          { name: trashRef(set.name, id), from: snapshot.tag, to: null },
          { name: snapshotRef(set.name, id), from: null, to: snapshot.tag },
        ],
        reason: `snapshot: undelete ${set.name}/${id}`,
        result: undefined,
        check: requireLawful(log, trusted.policy),
      };
    });
  }
  await tellOfNextPrune(ctx, set.name, ids);
  return ids.map((snapshot) => ({ set: set.name, snapshot }));
}

/** No rule keeps most of what is brought back, or it would not have gone. */
async function tellOfNextPrune(ctx: Context, set: string, ids: readonly string[]): Promise<void> {
  for (const id of await nextToGo(ctx, set)) {
    if (!ids.includes(id)) continue;
    const command = `git snapshot hold ${set}/${id} --case CASE -m WHY`;
    ctx.advise(`The next "git snapshot prune --apply" removes ${set}/${id} again. To keep it: ${command}`);
  }
}

/** Nothing where no plan can be made: nothing is pruned then, either. */
async function nextToGo(ctx: Context, set: string): Promise<readonly string[]> {
  try {
    const { remove } = await planPrune(await openRetention(ctx, set), { rules: undefined });
    return remove.map(({ id }) => id);
  } catch (error) {
    if (!(error instanceof SnapshotError)) throw error;
    return [];
  }
}

function gone(ref: string): SnapshotError {
  return new SnapshotError('untrusted', `'${ref}' is gone or was moved, though no event tells of it`, {
    hint: 'Fetch it from a clone that has it; see "git snapshot log --verify".',
  });
}
