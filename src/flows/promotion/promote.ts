import { setWords } from '../../core/policy/default-set.ts';
import type { Policy } from '../../core/policy/schema.ts';
import { frozenAt } from '../../core/promotion/freeze.ts';
import type { Tally } from '../../core/promotion/tally.ts';
import { tallyOf } from '../../core/promotion/tally.ts';
import type { Message } from '../../core/snapshot/message.ts';
import type { Context } from '../context.ts';
import { nowSec, sha256Of } from '../context.ts';
import { verifiedSubject } from '../gates/gate-subject.ts';
import { requirePassed } from '../gates/require-passed.ts';
import type { GateOutcome } from '../gates/results.ts';
import { namedGates, runGatesOn } from '../gates/run-gates.ts';
import { actorFor, requireRole } from '../log/actor.ts';
import { resolveSnapshot } from '../snapshot/choose-snapshot.ts';
import type { StoredSnapshot } from '../snapshot/read-snapshots.ts';
import { publishPromotion } from './publish-promotion.ts';
import { requireAllowed } from './require-allowed.ts';
import { requireNews } from './require-news.ts';
import { requireSoundPromotion } from './require-sound-promotion.ts';
import type { PromoteResult } from './results.ts';
import type { EnvironmentChoice, PromotionScene } from './scene.ts';
import { openScene } from './scene.ts';

/** What to promote, and why. */
export interface PromoteOptions extends EnvironmentChoice {
  /** A selector. */
  readonly snapshot: string;
  /** The reason. Asked for once nothing that is known at once is in the way; throws where there is none. */
  readonly message: () => Message;
  readonly dryRun: boolean;
  /** Past every rule, where the policy allows it. */
  readonly breakGlass: boolean;
  /** Called with what would be done, before anything is signed; throws to stop. */
  readonly confirm: ((plan: PromoteResult) => Promise<void>) | undefined;
}

/**
 * Puts a snapshot up for an environment: verified, every byte of it, through the gates of the policy, by a signed tag that carries
 * all it stands on. Where no approval is asked for, it is live at once.
 *
 * @throws {SnapshotError} `gate` if a gate does not pass, `config` if the environment's rules forbid it, `untrusted`
 */
export async function promote(ctx: Context, options: PromoteOptions): Promise<PromoteResult> {
  const scene = await openScene(ctx, options);
  const { trusted, set } = scene;
  const stored = await resolveSnapshot(ctx, trusted.policy, { set: set.name, snapshot: options.snapshot });
  return promoteSnapshot(scene, { ...options, stored, action: 'promote' });
}

/** What {@link promoteSnapshot} needs besides the scene. */
export interface SnapshotPromotion extends Omit<PromoteOptions, keyof EnvironmentChoice | 'snapshot'> {
  readonly stored: StoredSnapshot;
  readonly action: 'promote' | 'rollback';
}

/** The same, of a snapshot that was found. A rollback runs no gates, and is bound by neither soak nor freeze. */
export async function promoteSnapshot(scene: PromotionScene, promotion: SnapshotPromotion): Promise<PromoteResult> {
  const { ctx, trusted, set, environment, rules } = scene;
  const { stored, action, breakGlass, dryRun, confirm } = promotion;
  const isBound = action === 'promote' && !breakGlass;
  // What is known without reading any content comes first.
  requireAllowed(
    scene,
    promotion,
    rules.gates.map((name) => ({ name, verdict: 'pass' as const })),
  );
  requireNews(scene, promotion);
  if (isBound) await requireSoundOrigin(scene);
  const actor = dryRun ? undefined : await actorFor(ctx, trusted);
  const scope = { set: set.name, environment };
  const promoter = actor === undefined ? '' : requireRole(actor, isBound ? 'promoter' : 'releaser', scope);
  // Of a dry run nothing is signed that a reason could stand in.
  const message = dryRun ? undefined : promotion.message();
  const startedMs = ctx.nowMs();
  const subject = await verifiedSubject(ctx, trusted, stored);
  const verifyMs = Math.max(0, Math.round(ctx.nowMs() - startedMs));
  const gates = await runGatesOn(ctx, trusted, {
    subject,
    gates: action === 'promote' ? namedGates(trusted.policy, rules.gates) : [],
  });
  const planned = planOf(scene, promotion, { gates, promoter });
  if (actor === undefined || message === undefined) return planned;
  if (isBound) {
    requirePassed(gates, {
      refused: `'${stored.snapshot.id}' may not go to ${environment}`,
      hint: `Nothing was signed. ${passingHint(trusted.policy, { gates, id: stored.snapshot.id, set: set.name })}`,
    });
  }
  await actor.signer.unlock();
  await confirm?.(planned);
  const number = await publishPromotion(scene, { ...promotion, message }, { actor, gates, verifyMs });
  return { ...planned, outcome: planned.tally.isEnough ? 'live' : 'pending', number };
}

/** What to type so that the gates pass: of those that only lack a rehearsal, that; what is wrong with content, nobody can type. */
function passingHint(
  policy: Policy,
  { gates, id, set }: { gates: readonly GateOutcome[]; id: string; set: string },
): string {
  const failed = gates.filter(({ verdict }) => verdict !== 'pass').map(({ name }) => policy.gates?.[name]);
  if (!failed.every((gate) => gate?.type === 'rehearsed')) return `"git snapshot check ${id}" runs them again.`;
  const isOfThis = failed.some((gate) => gate?.type === 'rehearsed' && gate.of === 'snapshot');
  const which = `${isOfThis ? ` ${id}` : ''}${setWords(set)}`;
  return `"git snapshot rehearse${which}" is what is asked for.`;
}

/** What is live in the environment before is what lets a snapshot in here. */
async function requireSoundOrigin(scene: PromotionScene): Promise<void> {
  const { log, set, rules } = scene;
  const origin = rules.from === undefined ? undefined : log.ledger.live(set.name, rules.from);
  if (origin !== undefined) await requireSoundPromotion(scene, origin);
}

function planOf(
  scene: PromotionScene,
  { stored, action, breakGlass }: SnapshotPromotion,
  { gates, promoter }: { gates: readonly GateOutcome[]; promoter: string },
): PromoteResult {
  const { ctx, log, set, environment, rules } = scene;
  return {
    outcome: 'planned',
    set: set.name,
    environment,
    number: log.ledger.promotions(set.name, environment).length + 1,
    snapshot: stored.snapshot.id,
    action,
    previous: log.ledger.live(set.name, environment)?.event.snapshot.id,
    gates,
    tally: expectedTally(scene, { stored, action, breakGlass, promoter }),
    frozen: frozenAt(rules.freeze, nowSec(ctx)),
    breakGlass,
  };
}

/** Who would have to approve. `promoter`: empty where it is not known who promotes it. */
function expectedTally(
  { ctx, trusted, log, set, environment }: PromotionScene,
  {
    stored,
    action,
    breakGlass,
    promoter,
  }: Pick<SnapshotPromotion, 'stored' | 'action' | 'breakGlass'> & { promoter: string },
): Tally {
  const payload = sha256Of(ctx, stored.payload);
  const actor = promoter;
  const event = { set: set.name, environment, action, actor, ...(breakGlass ? { breakGlass: true as const } : {}) };
  const author = log.ledger.authorOf(payload);
  return tallyOf({ event, author, opinions: [] }, trusted.policy);
}
