import { SnapshotError } from '../../core/errors.ts';
import type { Oid } from '../../core/oid.ts';
import { setWords } from '../../core/policy/default-set.ts';
import { personOf } from '../../core/policy/roles.ts';
import type { ApprovalTag, Decision } from '../../core/promotion/approval-tag.ts';
import { encodeApprovalPayload } from '../../core/promotion/approval-tag.ts';
import type { PromotionState } from '../../core/promotion/promotion-state.ts';
import { leftOut, tallyOf } from '../../core/promotion/tally.ts';
import { approvalRef } from '../../core/refs.ts';
import { key16 } from '../../core/signing.ts';
import type { Message } from '../../core/snapshot/message.ts';
import type { Context } from '../context.ts';
import { nowSec, sha256Of } from '../context.ts';
import type { Actor } from '../log/actor.ts';
import { actorFor, requireRole } from '../log/actor.ts';
import { publish } from '../log/publish.ts';
import { soundLog } from '../log/sound-log.ts';
import { resolveSnapshot } from '../snapshot/choose-snapshot.ts';
import { openJudge, requireTrusted } from '../verify/judge-snapshot.ts';
import { goneError, goneSnapshot } from './gone-snapshot.ts';
import { requireStanding } from './require-allowed.ts';
import { requireSoundPromotion } from './require-sound-promotion.ts';
import type { DecisionResult, PromotionInfo } from './results.ts';
import type { EnvironmentChoice, PromotionScene } from './scene.ts';
import { openScene } from './scene.ts';
import { promotionInfos } from './show-promotions.ts';
import { severalWait, waitingPromotions } from './waiting.ts';

/** What to say of which promotion. */
export interface DecideOptions extends EnvironmentChoice {
  /** Undefined: the only one that waits. */
  readonly number: number | undefined;
  readonly decision: Decision;
  /** The reason. Asked for once nothing that is known at once is in the way; throws where there is none. */
  readonly message: () => Message;
  /** Called with the promotion, before anything is signed; throws to stop. */
  readonly confirm: ((promotion: PromotionInfo) => Promise<void>) | undefined;
}

/**
 * Approves or rejects a promotion, or takes that back, by a signed tag over the promotion's tag. With the last approval that
 * it needs, the promotion is live.
 *
 * @throws {SnapshotError} `untrusted` for who may not, or for a promotion that is not to be believed; `config` where it would not count
 */
export async function decide(ctx: Context, options: DecideOptions): Promise<DecisionResult> {
  const scene = await openScene(ctx, options);
  const { trusted, set, environment, log } = scene;
  const promotion = choosePromotion(scene, options);
  await requireSoundPromotion(scene, promotion);
  const { snapshot } = promotion.event;
  const stored = await resolveSnapshot(ctx, trusted.policy, { set: set.name, snapshot: snapshot.id });
  requireTrusted(stored, await (await openJudge(ctx, trusted))(stored));
  const actor = await actorFor(ctx, trusted);
  const person = requireRole(actor, 'approver', { set: set.name, environment });
  requireSense(scene, { promotion, person, decision: options.decision });
  const message = options.message();
  await actor.signer.unlock();
  const find = (infos: readonly PromotionInfo[]) => infos.find(({ number }) => number === promotion.event.number);
  const info = find(promotionInfos({ policy: trusted.policy, log }, { set: set.name, environment }));
  if (info === undefined) throw new Error('a promotion that was chosen is listed');
  await options.confirm?.(info);
  await publishDecision(scene, { promotion, actor, decision: options.decision, message });
  const after = await soundLog(ctx, trusted);
  const decided = find(promotionInfos({ policy: trusted.policy, log: after }, { set: set.name, environment }));
  return { decision: options.decision, promotion: decided ?? info };
}

/** The promotion that is meant: by number, or the only one that waits. @throws {SnapshotError} `not-found`, `conflict` */
function choosePromotion(
  { log, set, environment }: PromotionScene,
  { number, decision }: Pick<DecideOptions, 'number' | 'decision'>,
): PromotionState {
  const all = log.ledger.promotions(set.name, environment);
  const live = log.ledger.live(set.name, environment)?.event.number ?? 0;
  const waiting = waitingPromotions(log, { set: set.name, environment });
  if (number === undefined && waiting.length > 1) {
    const names = waiting.map(({ event }) => `${environment}/${event.number}`);
    throw severalWait(names, `git snapshot ${decision === 'reject' ? 'reject' : 'approve'} ${names.at(-1) ?? ''}`);
  }
  const isGone = (promotion: PromotionState) => goneSnapshot(promotion, log.retention) !== undefined;
  // Whoever means the one that waited is told what became of it.
  const former = all.findLast((promotion) => promotion.event.number > live && isGone(promotion));
  const chosen = number === undefined ? (waiting[0] ?? former) : all[number - 1];
  if (chosen === undefined) {
    throw new SnapshotError(
      'not-found',
      number === undefined ? `no promotion waits in ${environment}` : `there is no promotion ${environment}/${number}`,
      { hint: 'See "git snapshot promotions". What others have put up comes with "git snapshot fetch".' },
    );
  }
  const gone = goneSnapshot(chosen, log.retention);
  if (chosen.effective === undefined && gone !== undefined) throw goneError(chosen, gone);
  if (decision === 'approve' && !waiting.includes(chosen) && chosen.effective === undefined) {
    const why = chosen.author === undefined ? 'does not count any more' : `was overtaken by ${environment}/${live}`;
    throw new SnapshotError('conflict', `promotion ${environment}/${chosen.event.number} ${why}`, {
      hint: 'Promote the snapshot anew.',
    });
  }
  if (chosen.effective !== undefined) {
    throw new SnapshotError('conflict', `promotion ${environment}/${chosen.event.number} has all it needs already`, {
      hint:
        decision === 'reject'
          ? 'To take it back, run "git rollback --env" or promote another.'
          : 'See "git snapshot environments".',
    });
  }
  return chosen;
}

/** Refuses what would change nothing, instead of letting somebody believe that it did. */
function requireSense(
  { environment, set, trusted: { policy } }: PromotionScene,
  { promotion, person, decision }: { promotion: PromotionState; person: string; decision: Decision },
): void {
  const what = `${environment}/${promotion.event.number}`;
  const former = promotion.opinions.find((opinion) => opinion.person === person)?.decision;
  if (decision === 'withdraw') {
    if (former === undefined) throw new SnapshotError('not-found', `you have neither approved nor rejected ${what}`);
    return;
  }
  const { approved, isEnough } = tallyOf(promotion, policy);
  // Said with a key that has gone since, or before the policy came to ask for less, it has to be said again.
  const isSaid = decision === 'reject' || (approved.includes(person) && !isEnough);
  if (former === decision && isSaid) {
    throw new SnapshotError('conflict', `you have said so of ${what} already`, {
      hint: `To take it back: git snapshot ${decision} ${what}${setWords(set.name)} --withdraw -m WHY`,
    });
  }
  if (decision === 'reject') return;
  const reason = leftOut(promotion, person, policy);
  if (reason === undefined) return;
  const deed = reason === 'author' ? 'took the snapshot' : 'promoted it';
  throw new SnapshotError('config', `your approval of ${what} would not count: ${person} ${deed}`, {
    hint: 'Somebody else has to approve it; "git snapshot review" says who can.',
  });
}

async function publishDecision(
  scene: PromotionScene,
  {
    promotion,
    actor,
    decision,
    message,
  }: { promotion: PromotionState; actor: Actor; decision: Decision; message: Message },
): Promise<void> {
  const { ctx, trusted, set, environment } = scene;
  const { event } = promotion;
  const key = key16(actor.signer.key);
  const ref = approvalRef(event, key);
  await publish(ctx, actor, async (tip) => {
    const log = await soundLog(ctx, trusted);
    // Somebody else may have said something meanwhile.
    const current = choosePromotion({ ...scene, log }, { number: event.number, decision });
    requireSense(scene, { promotion: current, person: personOf(trusted.policy, actor.signer.key) ?? '', decision });
    const approval: ApprovalTag = {
      set: set.name,
      environment,
      number: event.number,
      key16: key,
      object: event.tag,
      tagger: { ...actor.identity, atSec: nowSec(ctx) },
      subject: message.subject,
      body: message.body,
      repository: trusted.policy.repository,
      decision,
      promotion: event.payload.slice('sha256:'.length),
      policy: { version: trusted.policy.version, digest: trusted.digest.slice('sha256:'.length) },
      audit: tip,
    };
    const payload = encodeApprovalPayload(approval);
    const body = payload + (await actor.signer.sign(payload));
    const [tag] = (await ctx.store.writeObjects([{ type: 'tag', body }])) as [Oid];
    return {
      event: {
        type: 'approval',
        set: set.name,
        environment,
        number: event.number,
        decision,
        tag,
        payload: sha256Of(ctx, payload),
        promotion: event.payload,
        reason: message.subject,
      },
      updates: [{ name: ref, from: await ctx.store.readRef(ref), to: tag }],
      reason: `snapshot: ${decision} ${set.name}/${environment}/${event.number}`,
      result: undefined,
      check: requireStanding(log, trusted.policy),
    };
  });
}
