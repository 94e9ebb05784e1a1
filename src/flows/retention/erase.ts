import type { BytePath } from '../../core/entry.ts';
import { SnapshotError } from '../../core/errors.ts';
import type { Oid } from '../../core/oid.ts';
import type { RefUpdate } from '../../core/ports.ts';
import { snapshotRef, trashRef } from '../../core/refs.ts';
import { eraseObstacle, erasureTally } from '../../core/retention/faults.ts';
import type { Erasure, SnapshotFate, SnapshotName } from '../../core/retention/ledger.ts';
import type { Message } from '../../core/snapshot/message.ts';
import type { Context } from '../context.ts';
import { nowSec } from '../context.ts';
import type { Actor } from '../log/actor.ts';
import { actorFor, requireRole } from '../log/actor.ts';
import { publish } from '../log/publish.ts';
import { soundLog } from '../log/sound-log.ts';
import { resolveSnapshot } from '../snapshot/choose-snapshot.ts';
import { copiesOf } from './copies.ts';
import { dependentUpdates } from './dependent-refs.ts';
import { holdersOfContent } from './holders-of-content.ts';
import type { ErasureReport } from './purge-erased.ts';
import { purgeErased } from './purge-erased.ts';
import type { RetentionScene } from './scene.ts';
import { chooseFromTrash, openRetention, requireLawful } from './scene.ts';
import { requireNoRollback, withoutRollback } from './without-rollback.ts';

/** What is to be gone. */
export interface EraseOptions {
  readonly set: string | undefined;
  /** Selectors; ids of what is in the trash, too. */
  readonly snapshots: readonly string[];
  /** Content to be gone: what this path is in these snapshots, and so every snapshot of the set that has it anywhere. */
  readonly path: BytePath | undefined;
  /** The reason. Asked for once nothing that is known at once is in the way; throws where there is none. */
  readonly message: () => Message;
  readonly dryRun: boolean;
  /** Called with what would be gone, before anything is signed; throws to stop. */
  readonly confirm: ((erasure: EraseResult) => Promise<void>) | undefined;
}

/** What became of it. */
export interface EraseResult {
  readonly outcome: 'planned' | 'asked' | 'erased';
  readonly set: string;
  readonly snapshots: readonly SnapshotName[];
  /** Refs that are deleted, by name. */
  readonly refs: readonly string[];
  readonly agreed: readonly string[];
  readonly needed: number;
  /** Those that the rules do not let go, and why: a hold, or that one is live. */
  readonly blocked: readonly { readonly id: string; readonly reason: string }[];
  /** What is left of the content; undefined unless it was erased. */
  readonly report: ErasureReport | undefined;
}

/**
 * Erases snapshots: refs, tags and every object that nothing else needs, at once and without a way back. The log keeps their
 * digests. With a threshold above one, the policy's pruners ask one after the other, and the last one does it.
 *
 * @throws {SnapshotError} `conflict` for what is held or live, `untrusted` for who is no pruner
 */
export async function erase(ctx: Context, options: EraseOptions): Promise<EraseResult> {
  const scene = await openRetention(ctx, options.set);
  const { trusted, set } = scene;
  await requireNoRollback(scene);
  const chosen = await choose(scene, options);
  const actor = await actorFor(ctx, trusted);
  const person = requireRole(actor, 'pruner', { set: set.name });
  const snapshots = chosen.map(({ snapshot }) => snapshot);
  const askedBy = scene.log.retention.erasure(set.name, snapshots)?.askedBy ?? [];
  const { agreed, needed } = erasureTally(trusted.policy, { set: set.name, people: [...askedBy, person] });
  const isLast = agreed.length >= needed;
  const planned: EraseResult = {
    outcome: 'planned',
    set: set.name,
    snapshots,
    refs: isLast ? (await deletions(scene, chosen)).map(({ name }) => name) : [],
    agreed,
    needed,
    blocked: blockedOf(scene, { snapshots, isLast, person }),
    report: undefined,
  };
  if (options.dryRun) return planned;
  requireFree(planned);
  const reason = options.message().subject;
  await options.confirm?.(planned);
  const carrying = { chosen, actor, isLast, reason };
  const report = await withoutRollback(scene, () => carryOut(scene, carrying));
  if (report === undefined) return { ...planned, outcome: 'asked' };
  await leaveDirectory(scene, snapshots);
  return { ...planned, outcome: 'erased', report };
}

/** Signs the event; with the last word that it takes, refs and objects go. @returns what is left then */
async function carryOut(
  scene: RetentionScene,
  carrying: { chosen: readonly SnapshotFate[]; actor: Actor; isLast: boolean; reason: string },
): Promise<ErasureReport | undefined> {
  const { ctx, trusted, set } = scene;
  const { chosen, actor, isLast, reason } = carrying;
  const snapshots = chosen.map(({ snapshot }) => snapshot);
  await publish(ctx, actor, async () => {
    const log = await soundLog(ctx, trusted);
    return {
      event: { type: 'erase', set: set.name, action: isLast ? 'erase' : 'ask', snapshots, reason },
      updates: isLast ? await deletions({ ...scene, log }, chosen) : [],
      reason: `snapshot: erase ${set.name}`,
      result: undefined,
      check: requireLawful(log, trusted.policy),
    };
  });
  return isLast ? purgeErased(scene, snapshots) : undefined;
}

/** What the event would be judged by, of each snapshot, before anybody is asked anything. */
function blockedOf(
  { ctx, trusted, log, set }: RetentionScene,
  { snapshots, isLast, person }: { snapshots: readonly SnapshotName[]; isLast: boolean; person: string },
): EraseResult['blocked'] {
  const { ledger: promotions, retention } = log;
  const judging = { policy: trusted.policy, promotions, retention };
  const atSec = nowSec(ctx);
  const each = snapshots.flatMap((snapshot) => {
    const fault = eraseObstacle({ set: set.name, snapshot, atSec }, judging);
    return fault === undefined ? [] : [{ id: snapshot.id, reason: fault.detail }];
  });
  const hasAsked = !isLast && retention.erasure(set.name, snapshots)?.askedBy.includes(person) === true;
  return hasAsked ? [...each, { id: '', reason: `${person} has asked for this already` }] : each;
}

/** @throws {SnapshotError} of kind `conflict`, with all that is in the way */
function requireFree({ blocked }: EraseResult): void {
  if (blocked.length === 0) return;
  throw new SnapshotError('conflict', `the rules forbid it: ${blocked.map(({ reason }) => reason).join('; ')}`, {
    hint: 'Release what is held, and promote something else where one is live; see "git snapshot holds" and "git snapshot environments".',
  });
}

/** Forgets what the stat cache knows. Whoever takes the next snapshot, or rolls back, would store it again. */
async function leaveDirectory({ ctx, set }: RetentionScene, snapshots: readonly SnapshotName[]): Promise<void> {
  if (ctx.isBare) return;
  const workdir = await ctx.workdir(set);
  // It has the names of all files.
  await workdir.dropCache();
  const expected = await workdir.readExpected();
  if (!snapshots.some(({ tag }) => tag === expected)) return;
  ctx.note(`warning: the directory ${set.path}/ was on one of them, and may still hold what was erased:`);
  ctx.note('  delete it there before you take a snapshot or roll back, which takes one first');
}

async function choose(scene: RetentionScene, options: EraseOptions): Promise<readonly SnapshotFate[]> {
  const { ctx, trusted, log, set } = scene;
  if (options.snapshots.length === 0) throw nothingNamed(log.retention.erasures());
  const chosen = new Map<string, SnapshotFate>();
  for (const text of options.snapshots) {
    const fate = await chooseAnywhere(scene, text);
    chosen.set(fate.snapshot.id, fate);
  }
  if (options.path !== undefined) {
    const holders = await holdersOfContent({ ctx, trusted, log, set }, [...chosen.values()], options.path);
    for (const fate of holders) chosen.set(fate.snapshot.id, fate);
  }
  return [...chosen.values()].sort((a, b) => (a.snapshot.id < b.snapshot.id ? -1 : 1));
}

function nothingNamed(erasures: readonly Erasure[]): SnapshotError {
  const asked = erasures.map(
    ({ snapshots, askedBy }) => `${askedBy.join(', ')} asked for ${snapshots.map(({ id }) => id).join(' ')}`,
  );
  return new SnapshotError('usage', 'no snapshot named', {
    hint: asked.length === 0 ? 'Name what is to be gone; see "git snapshot list".' : `${asked.join('; ')}.`,
  });
}

/** A snapshot that is kept, or that is in the trash. */
async function chooseAnywhere(scene: RetentionScene, text: string): Promise<SnapshotFate> {
  const { ctx, trusted, log, set } = scene;
  const kept = await resolveSnapshot(ctx, trusted.policy, { set: set.name, snapshot: text }).catch((error: unknown) => {
    if (error instanceof SnapshotError && error.kind === 'not-found') return undefined;
    throw error;
  });
  if (kept === undefined) return chooseFromTrash(scene, text);
  const fate = log.retention.fate(set.name, kept.snapshot.id);
  if (fate !== undefined) return fate;
  throw new SnapshotError('untrusted', `no event of the log tells of '${kept.ref}'`, {
    hint: 'See "git snapshot log --verify".',
  });
}

async function deletions(scene: RetentionScene, fates: readonly SnapshotFate[]): Promise<readonly RefUpdate[]> {
  const { ctx, set } = scene;
  const updates: RefUpdate[] = fates.map(({ place, snapshot: { id, tag } }) => ({
    name: place === 'trash' ? trashRef(set.name, id) : snapshotRef(set.name, id),
    from: tag,
    to: null,
  }));
  const snapshots = fates.map(({ snapshot }) => snapshot);
  updates.push(...(await dependentUpdates(scene, snapshots)));
  const tags = new Set<Oid>(updates.flatMap(({ from }) => from ?? []));
  const names = new Set(updates.map(({ name }) => name));
  return [...updates, ...(await copiesOf(ctx, tags)).filter(({ name }) => !names.has(name))];
}
