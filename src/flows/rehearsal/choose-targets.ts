import { SnapshotError } from '../../core/errors.ts';
import type { Ref } from '../../core/ports.ts';
import { behindLive } from '../../core/promotion/behind-live.ts';
import { environmentOrder } from '../../core/promotion/rules.ts';
import type { Workdir } from '../../core/workdir.ts';
import type { Context, GovernedSet } from '../context.ts';
import { soundLog } from '../log/sound-log.ts';
import type { TrustedPolicy } from '../policy/load-policy.ts';
import { resolveTarget } from '../rollback/roll-back.ts';
import { resolveSnapshot } from '../snapshot/choose-snapshot.ts';
import type { StoredSnapshot } from '../snapshot/read-snapshots.ts';
import { readSnapshot } from '../snapshot/read-snapshots.ts';
import type { RehearsalPurpose } from './results.ts';

/** Which snapshots are to be rehearsed. */
export interface TargetChoice {
  /** A selector. */
  readonly snapshot: string | undefined;
  /** What a rollback of this environment would go to. */
  readonly environment: string | undefined;
  /** What is live in each environment. */
  readonly allLive: boolean;
  /** So many of the set's snapshots besides, drawn at random; alone, if nothing else is named. */
  readonly sample: number;
}

/** A snapshot that is to be rehearsed. */
export interface RehearsalTarget {
  readonly stored: StoredSnapshot;
  readonly purpose: RehearsalPurpose;
  readonly environment: string | undefined;
}

/** What targets are chosen from. */
export interface ChoosingScene {
  readonly ctx: Context;
  readonly trusted: TrustedPolicy;
  readonly set: GovernedSet;
  readonly workdir: Workdir;
  /** Of the snapshots of the set. */
  readonly refs: readonly Ref[];
  /** SHA-256 of the manifest of what the directory holds. */
  readonly liveManifest: string;
}

/** Resolves, once, what is to be rehearsed: each snapshot once for an environment. @throws {SnapshotError} `not-found`, `usage` */
export async function chooseTargets(scene: ChoosingScene, choice: TargetChoice): Promise<RehearsalTarget[]> {
  const named = await namedTargets(scene, choice);
  return [...named, ...(await drawSample(scene, { count: choice.sample, others: named }))];
}

async function namedTargets(scene: ChoosingScene, choice: TargetChoice): Promise<RehearsalTarget[]> {
  const { ctx, trusted, set } = scene;
  const { snapshot, environment, allLive, sample } = choice;
  if (snapshot !== undefined) {
    const stored = await resolveSnapshot(ctx, trusted.policy, { set: set.name, snapshot });
    return [{ stored, purpose: 'named', environment: undefined }];
  }
  if (environment !== undefined) return [await behind(scene, environment)];
  if (allLive) return allLiveTargets(scene);
  return sample > 0 ? [] : [{ stored: await plainTarget(scene), purpose: 'rollback', environment: undefined }];
}

/** What "git rollback" would go to; where the directory is that already, the one before; where there is none before, that one. */
async function plainTarget(scene: ChoosingScene): Promise<StoredSnapshot> {
  const current = await resolveTarget({ ...scene, options: { snapshot: undefined, steps: undefined } });
  if (current.snapshot.manifest !== scene.liveManifest) return current;
  try {
    return await resolveTarget({ ...scene, options: { snapshot: undefined, steps: 1 } });
  } catch (error) {
    if (!(error instanceof SnapshotError) || error.kind !== 'not-found') throw error;
    return current;
  }
}

/**
 * What "git rollback --env" would go to, since that is what is done in an emergency. Where nothing was live before, it is what
 * is live: the only snapshot that the environment can be put back to.
 */
async function behind({ ctx, trusted, set }: ChoosingScene, environment: string): Promise<RehearsalTarget> {
  const live = await resolveSnapshot(ctx, trusted.policy, { set: set.name, snapshot: `@${environment}` });
  const { ledger } = await soundLog(ctx, trusted);
  const [before] = behindLive(ledger, { set: set.name, environment });
  if (before === undefined) return { stored: live, purpose: 'live', environment };
  const stored = await resolveSnapshot(ctx, trusted.policy, { set: set.name, snapshot: `@${environment}~1` });
  return { stored, purpose: 'environment', environment };
}

async function allLiveTargets({ ctx, trusted, set }: ChoosingScene): Promise<RehearsalTarget[]> {
  const { ledger } = await soundLog(ctx, trusted);
  const targets: RehearsalTarget[] = [];
  for (const environment of environmentOrder(trusted.policy)) {
    if (ledger.live(set.name, environment) === undefined) continue;
    const stored = await resolveSnapshot(ctx, trusted.policy, { set: set.name, snapshot: `@${environment}` });
    targets.push({ stored, purpose: 'live', environment });
  }
  if (targets.length > 0) return targets;
  throw new SnapshotError('not-found', `nothing of the set '${set.name}' is live in any environment`, {
    hint: 'See "git snapshot environments"; without --all-live, what "git rollback" would go to is rehearsed.',
  });
}

/** Any snapshot can be drawn, automatic ones too: a rollback may need each of them. */
async function drawSample(
  { ctx, refs }: ChoosingScene,
  { count, others }: { count: number; others: readonly RehearsalTarget[] },
): Promise<RehearsalTarget[]> {
  const known = new Set(others.map(({ stored }) => stored.tag));
  const left = refs.filter(({ oid }) => !known.has(oid));
  const drawn: Ref[] = [];
  while (drawn.length < count && left.length > 0) drawn.push(...left.splice(randomBelow(ctx, left.length), 1));
  const targets: RehearsalTarget[] = [];
  for (const ref of drawn)
    targets.push({ stored: await readSnapshot(ctx, ref), purpose: 'sample', environment: undefined });
  return targets;
}

/** Each number below `limit` as likely as another, but for one part in 2^32. */
function randomBelow({ randomHex }: Pick<Context, 'randomHex'>, limit: number): number {
  return Math.floor((Number.parseInt(randomHex(6), 16) / 2 ** 48) * limit);
}
