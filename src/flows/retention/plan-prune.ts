import { utf8Encode } from '../../core/byte-string.ts';
import { canonicalJson } from '../../core/canonical-json.ts';
import type { Oid } from '../../core/oid.ts';
import type { Ref } from '../../core/ports.ts';
import { snapshotRef, trashRef } from '../../core/refs.ts';
import type { SnapshotFate } from '../../core/retention/ledger.ts';
import type { Candidate, RetentionPlan } from '../../core/retention/plan.ts';
import { planRetention } from '../../core/retention/plan.ts';
import { planDocument } from '../../core/retention/plan-document.ts';
import { protectionsOf, usesOf } from '../../core/retention/protections.ts';
import { requireRule, requireSomeLeft } from '../../core/retention/rails.ts';
import type { WrittenRules } from '../../core/retention/rules.ts';
import { MAX_REMOVE, rulesOfRetention } from '../../core/retention/rules.ts';
import { graceEndSec, retentionOf, writtenRules } from '../../core/retention/rules-of-set.ts';
import type { Label } from '../../core/snapshot/label.ts';
import { idTimeSec } from '../../core/snapshot/manifest.ts';
import type { Context } from '../context.ts';
import { nowSec, sha256Of } from '../context.ts';
import { listSnapshotRefs } from '../snapshot/list-snapshot-refs.ts';
import { currentSnapshot } from '../snapshot/live-changes.ts';
import type { StoredSnapshot } from '../snapshot/read-snapshots.ts';
import { readSnapshots } from '../snapshot/read-snapshots.ts';
import type { RetentionScene } from './scene.ts';

/** What would be removed of a set, and why the rest stays. */
export interface PrunePlan extends RetentionPlan {
  readonly set: string;
  /** Of the plan, and of the policy and log that it rests on. */
  readonly digest: string;
  /** What goes out of the trash for good: its grace period is over. */
  readonly drop: readonly { readonly fate: SnapshotFate; readonly endSec: number }[];
  /** How many the policy lets one run remove. */
  readonly maxRemove: number;
  /** Snapshots that are to be removed, as they are stored. */
  readonly stored: ReadonlyMap<string, StoredSnapshot>;
}

/** How to plan. */
export interface PlanOptions {
  /** Other rules than the policy's, to see what they would do. */
  readonly rules: WrittenRules | undefined;
  /** Snapshots that were read before. Their tags are not read again: what has the same name is the same. */
  readonly known?: PrunePlan['stored'];
}

/**
 * Plans what retention removes of a set. Changes nothing.
 *
 * @throws {SnapshotError} `config` for rules that keep nothing, and for a plan that would leave nothing
 */
export async function planPrune(
  scene: RetentionScene,
  { rules: given, known = new Map() }: PlanOptions,
): Promise<PrunePlan> {
  const { ctx, trusted, log, set } = scene;
  const atSec = nowSec(ctx);
  const rules = rulesOfRetention(given ?? writtenRules(trusted.policy, set.name));
  requireRule(rules, set.name);
  const refs = await listSnapshotRefs(ctx, set.name);
  // Tags are read for their labels, and of what goes.
  const labels = await labelsOf(ctx, rules.keepLabels.length === 0 ? [] : refs);
  const protections = protectionsOf(
    { policy: trusted.policy, promotions: log.ledger, retention: log.retention },
    set.name,
    atSec,
  );
  const here = await currentHere(scene, refs);
  const candidates = log.retention.fates(set.name).flatMap(({ place, snapshot: { id } }): Candidate[] => {
    if (place !== 'kept') return [];
    const reasons = protections.get(id) ?? [];
    return [
      {
        id,
        atSec: idTimeSec(id),
        labels: labels.get(id) ?? [],
        protections: id === here ? [...reasons, 'directory'] : reasons,
      },
    ];
  });
  const plan = planRetention({ snapshots: candidates, rules, nowSec: atSec });
  requireSomeLeft(plan, set.name);
  const uses = usesOf({ policy: trusted.policy, promotions: log.ledger }, set.name);
  const drop = log.retention.fates(set.name).flatMap((fate) => {
    const { id } = fate.snapshot;
    if (fate.place !== 'trash' || uses.has(id) || log.retention.holdsAt(set.name, id, atSec).length > 0) return [];
    const endSec = graceEndSec(trusted.policy, set.name, fate.sinceSec);
    return endSec <= atSec ? [{ fate, endSec }] : [];
  });
  const basis = {
    ...planDocument(plan),
    drop: drop.map(({ fate }) => fate.snapshot.id),
    set: set.name,
    policy: trusted.digest,
    log: log.tip,
  };
  const digest = sha256Of(ctx, utf8Encode(canonicalJson(basis)));
  const stored = await readStored(
    scene,
    refs,
    plan.remove.map(({ id }) => ({ id, known: known.get(id) })),
  );
  const maxRemove = retentionOf(trusted.policy, set.name)?.maxRemove ?? MAX_REMOVE;
  return { ...plan, set: set.name, digest, drop, maxRemove, stored };
}

/** The snapshots that are to be removed, as they are stored. Those that are missing or damaged are left out. */
async function readStored(
  { ctx, set }: Pick<RetentionScene, 'ctx' | 'set'>,
  refs: readonly Ref[],
  wanted: readonly { readonly id: string; readonly known: StoredSnapshot | undefined }[],
): Promise<PrunePlan['stored']> {
  const going = new Map(wanted.map(({ id, known }) => [snapshotRef(set.name, id), known]));
  const stored = new Map<string, StoredSnapshot>();
  const unread: Ref[] = [];
  for (const ref of refs) {
    const one = going.get(ref.name);
    if (one?.tag === ref.oid) stored.set(one.snapshot.id, one);
    else if (going.has(ref.name)) unread.push(ref);
  }
  for (const one of (await readSnapshots(ctx, unread)).snapshots) stored.set(one.snapshot.id, one);
  return stored;
}

async function labelsOf(
  { store, digest }: Context,
  refs: readonly Ref[],
): Promise<ReadonlyMap<string, readonly Label[]>> {
  const { snapshots } = await readSnapshots({ store, digest }, refs);
  return new Map(snapshots.map(({ snapshot }) => [snapshot.id, snapshot.labels]));
}

/** The snapshot that the directory should be: rolling back to it must stay possible. */
async function currentHere(
  { ctx, set }: RetentionScene,
  refs: Awaited<ReturnType<typeof listSnapshotRefs>>,
): Promise<string | undefined> {
  if (ctx.isBare) return undefined;
  return (await currentSnapshot(ctx, await ctx.workdir(set), { set: set.name, refs }))?.snapshot.id;
}

/** Bytes on the disk that would come free if the plan were carried out, and all grace periods were over. */
export async function freedBytes({ ctx, set }: RetentionScene, plan: PrunePlan): Promise<number> {
  const tags: Oid[] = [
    ...plan.remove.flatMap(({ id }) => plan.stored.get(id)?.tag ?? []),
    ...plan.drop.map(({ fate }) => fate.snapshot.tag),
  ];
  if (tags.length === 0) return 0;
  const ignored = new Set([
    ...plan.remove.map(({ id }) => snapshotRef(set.name, id)),
    ...plan.drop.map(({ fate }) => trashRef(set.name, fate.snapshot.id)),
  ]);
  return (await ctx.storage()).exclusiveBytes(tags, ignored);
}
