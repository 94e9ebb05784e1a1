import { SnapshotError } from '../../core/errors.ts';
import { setWords } from '../../core/policy/default-set.ts';
import { behindLive } from '../../core/promotion/behind-live.ts';
import type { PromotionState } from '../../core/promotion/promotion-state.ts';
import { tallyOf } from '../../core/promotion/tally.ts';
import type { Message } from '../../core/snapshot/message.ts';
import type { Context } from '../context.ts';
import { sha256Of } from '../context.ts';
import { actorFor, requireRole } from '../log/actor.ts';
import type { RollbackResult } from '../results.ts';
import { rollBack } from '../rollback/roll-back.ts';
import { notSoManyLive, resolveSnapshot } from '../snapshot/choose-snapshot.ts';
import type { StoredSnapshot } from '../snapshot/read-snapshots.ts';
import type { SnapshotPromotion } from './promote.ts';
import { promoteSnapshot } from './promote.ts';
import { requireSoundPromotion } from './require-sound-promotion.ts';
import type { EnvironmentRollback, PromoteResult } from './results.ts';
import type { EnvironmentChoice, PromotionScene } from './scene.ts';
import { openScene } from './scene.ts';

/** Where to go back to. */
export interface EnvironmentRollbackOptions extends EnvironmentChoice {
  /** A selector. Undefined: what was live before, or `steps` before that. */
  readonly snapshot: string | undefined;
  readonly steps: number | undefined;
  readonly message: Message | undefined;
  readonly dryRun: boolean;
  /** Whatever gates and health program say: see `RollbackOptions`. */
  readonly pastGates?: boolean;
  /** Called with what would change in the directory, if anything, and the promotion, before anything is written; throws to stop. */
  readonly confirm: ((plan: EnvironmentRollback) => Promise<void>) | undefined;
}

/**
 * Takes an environment back to a snapshot that was live in it: the directory is put back, and then a new promotion says so.
 *
 * The directory comes first, since it is what is broken; killed in between, the same command goes on. Gates and health program
 * have their say also where the directory is what it should be already: what they do not like is not promoted. Where the policy asks for
 * approvals of rollbacks, only the promotion is made; once it is live, the same command puts the directory back to it.
 */
export async function rollBackEnvironment(
  ctx: Context,
  options: EnvironmentRollbackOptions,
): Promise<EnvironmentRollback> {
  const scene = await openScene(ctx, options);
  const { trusted, set, environment } = scene;
  requireRole(await actorFor(ctx, trusted), 'releaser', { set: set.name, environment });
  const due = await dueRollback(scene, options);
  const stored = due?.stored ?? (await findTarget(scene, options));
  const target = stored.snapshot.id;
  const message = options.message ?? { subject: `Roll back ${environment} to ${target}`, body: undefined };
  const promote = (how: Pick<SnapshotPromotion, 'dryRun' | 'confirm'>): Promise<PromoteResult> =>
    promoteSnapshot(scene, { stored, action: 'rollback', message: () => message, breakGlass: false, ...how });
  const { confirm } = options;
  const putBack = (promotion: PromoteResult): Promise<RollbackResult> =>
    rollBack(ctx, {
      set: set.name,
      environment,
      snapshot: target,
      steps: undefined,
      paths: [],
      action: 'rollback',
      reason: message.subject,
      dryRun: options.dryRun,
      pastGates: options.pastGates === true,
      confirm: confirm && ((directory) => confirm({ directory, promotion, isOnHold: false })),
    });
  if (due !== undefined) {
    const promotion = resultOf(scene, due.promotion);
    const isOnHold = scene.log.ledger.held({ set: set.name, environment }, trusted.policy) !== undefined;
    return { directory: await putBack(promotion), promotion, isOnHold };
  }
  if (options.snapshot === undefined) tellFurther(scene, target);
  // Refused before anything is touched, if it is refused.
  const planned = await promote({ dryRun: true, confirm: undefined });
  const confirmPromotion =
    confirm && ((promotion: PromoteResult) => confirm({ directory: undefined, promotion, isOnHold: false }));
  if (!isFree(scene, stored)) {
    const promotion = options.dryRun ? planned : await promote({ dryRun: false, confirm: confirmPromotion });
    return { directory: undefined, promotion, isOnHold: false };
  }
  const directory = await putBack(planned);
  // What could not be put back is not what is live.
  if (options.dryRun || directory.outcome === 'reverted') return { directory, promotion: planned, isOnHold: false };
  const isUnasked = directory.outcome === 'nothing-to-do';
  return {
    directory,
    promotion: await promote({ dryRun: false, confirm: isUnasked ? confirmPromotion : undefined }),
    isOnHold: scene.rules.holdsAfterRollback,
  };
}

/** Who types the same again may mean to try again, or to go forward: it goes further back. */
function tellFurther({ ctx, log, set, environment }: PromotionScene, target: string): void {
  const live = log.ledger.live(set.name, environment)?.event;
  if (live?.action !== 'rollback') return;
  const left = justLeft({ log, set, environment });
  // After a rollback that went forward, what it left is what this goes back to.
  const isForward = left !== undefined && left !== target;
  ctx.note(
    `${environment}/${live.number} is a rollback already, to ${live.snapshot.id}: this goes further back, to ${target}${isForward ? `. Forward again: ${toNamed({ set, environment }, left)}` : ''}`,
  );
}

/** The rollback that is live since it got its approvals, if no directory has been put back to it yet and it is what is meant. */
async function dueRollback(
  scene: PromotionScene,
  { snapshot, steps }: EnvironmentRollbackOptions,
): Promise<{ promotion: PromotionState; stored: StoredSnapshot } | undefined> {
  const { ctx, trusted, log, set, environment } = scene;
  const promotion = log.ledger.live(set.name, environment);
  if (promotion?.effective === undefined || steps !== undefined) return undefined;
  const { event, effective } = promotion;
  const isApproved = event.action === 'rollback' && effective.seq > event.seq;
  const isDone = log.events.some(
    ({ event: done }) =>
      done.type === 'rollback' &&
      done.outcome === 'applied' &&
      done.to.payload === event.snapshot.payload &&
      done.seq > effective.seq,
  );
  if (!isApproved || isDone) return undefined;
  const stored = await resolveSnapshot(ctx, trusted.policy, { set: set.name, snapshot: snapshot ?? event.snapshot.id });
  if (stored.tag !== event.snapshot.tag) return undefined;
  await requireSoundPromotion(scene, promotion);
  return { promotion, stored };
}

/** What is said of a rollback that is live already. */
function resultOf({ trusted, log, set, environment }: PromotionScene, promotion: PromotionState): PromoteResult {
  const { event } = promotion;
  return {
    outcome: 'live',
    set: set.name,
    environment,
    number: event.number,
    snapshot: event.snapshot.id,
    action: event.action,
    previous: log.ledger.formerlyLive(set.name, environment)[0]?.event.snapshot.id,
    gates: [],
    tally: tallyOf(promotion, trusted.policy),
    frozen: event.frozen ?? [],
    breakGlass: event.breakGlass === true,
  };
}

async function findTarget(
  scene: PromotionScene,
  { snapshot, steps }: EnvironmentRollbackOptions,
): Promise<StoredSnapshot> {
  const { ctx, trusted, log, set, environment } = scene;
  if (snapshot !== undefined) {
    const stored = await resolveSnapshot(ctx, trusted.policy, { set: set.name, snapshot });
    const was = log.ledger
      .formerlyLive(set.name, environment)
      .find(({ event }) => event.snapshot.payload === sha256Of(ctx, stored.payload));
    // Of one that was never live, the rules tell.
    if (was !== undefined) await requireSoundPromotion(scene, was);
    return stored;
  }
  const former = behindLive(log.ledger, { set: set.name, environment });
  const wanted = former[(steps ?? 1) - 1];
  if (wanted === undefined) {
    throw nothingBehind(scene, { steps: steps ?? 1, found: former.length });
  }
  await requireSoundPromotion(scene, wanted);
  return resolveSnapshot(ctx, trusted.policy, { set: set.name, snapshot: wanted.event.snapshot.id });
}

/** After a rollback, something was live before: only not further back. */
function nothingBehind(
  { log, set, environment }: PromotionScene,
  { steps, found }: { readonly steps: number; readonly found: number },
): SnapshotError {
  const live = log.ledger.live(set.name, environment)?.event;
  const hint = `See "git snapshot promotions ${environment}".`;
  if (live === undefined) {
    return new SnapshotError('not-found', `nothing was ever live in ${environment}`, {
      hint: 'The directory alone goes back with "git rollback", without an environment.',
    });
  }
  if (live.action !== 'rollback') return new SnapshotError('not-found', notSoManyLive(environment, steps), { hint });
  const { id } = live.snapshot;
  const there = found === 0 ? 'nothing was' : `only ${found === 1 ? '1 other snapshot was' : `${found} others were`}`;
  const left = justLeft({ log, set, environment });
  const directory = `To put only the directory back to what is live: git rollback${setWords(set.name)} @${environment}`;
  return new SnapshotError(
    'not-found',
    `${environment}/${live.number} is a rollback already, to ${id}: another goes further back, and ${there} live before ${id}`,
    {
      hint: `${directory}\n${left === undefined ? hint : `To go forward again, name the snapshot: ${toNamed({ set, environment }, left)}`}`,
    },
  );
}

/** The snapshot that the rollback that is live has left. */
function justLeft({ log, set, environment }: Pick<PromotionScene, 'log' | 'set' | 'environment'>): string | undefined {
  return log.ledger.formerlyLive(set.name, environment)[0]?.event.snapshot.id;
}

function toNamed({ set, environment }: Pick<PromotionScene, 'set' | 'environment'>, id: string): string {
  return `git rollback --env ${environment}${setWords(set.name)} ${id}`;
}

/** Whether a rollback needs nobody's approval. */
function isFree({ ctx, trusted, log, set, environment }: PromotionScene, stored: StoredSnapshot): boolean {
  const author = log.ledger.authorOf(sha256Of(ctx, stored.payload));
  const event = { set: set.name, environment, action: 'rollback' as const, actor: '' };
  return tallyOf({ event, author, opinions: [] }, trusted.policy).isEnough;
}
