import type { EventReport } from '../../core/audit/event.ts';
import type { Oid } from '../../core/oid.ts';
import { frozenAt } from '../../core/promotion/freeze.ts';
import type { PromotionTag } from '../../core/promotion/promotion-tag.ts';
import { encodePromotionPayload } from '../../core/promotion/promotion-tag.ts';
import { promotionRef } from '../../core/refs.ts';
import type { Message } from '../../core/snapshot/message.ts';
import { nowSec, sha256Of } from '../context.ts';
import type { GateOutcome } from '../gates/results.ts';
import type { Actor } from '../log/actor.ts';
import type { Log } from '../log/open-log.ts';
import { publish } from '../log/publish.ts';
import { soundLog } from '../log/sound-log.ts';
import type { SnapshotPromotion } from './promote.ts';
import { requireAllowed, requireStanding } from './require-allowed.ts';
import { requireNews } from './require-news.ts';
import type { PromotionScene } from './scene.ts';

type ReasonedPromotion = Pick<SnapshotPromotion, 'stored' | 'action' | 'breakGlass'> & { readonly message: Message };

/** Signs and publishes it. @returns its number, which others may have moved on meanwhile */
export async function publishPromotion(
  scene: PromotionScene,
  { stored, action, breakGlass, message }: ReasonedPromotion,
  { actor, gates, verifyMs }: { actor: Actor; gates: readonly GateOutcome[]; verifyMs: number },
): Promise<number> {
  const { ctx, trusted, set, environment, rules } = scene;
  const { store } = ctx;
  return publish(ctx, actor, async (tip) => {
    const log = await soundLog(ctx, trusted);
    requireAllowed({ ...scene, log }, { stored, action, breakGlass }, gates);
    requireNews({ ...scene, log }, { stored, breakGlass });
    const number = log.ledger.promotions(set.name, environment).length + 1;
    const frozen = frozenAt(rules.freeze, nowSec(ctx));
    const tag = await signPromotion(
      { ...scene, log },
      { stored, action, breakGlass, message, actor, gates, frozen, number, tip },
    );
    const ref = promotionRef({ set: set.name, environment, number });
    const event: EventReport = {
      type: 'promotion',
      set: set.name,
      environment,
      number,
      action,
      tag: tag.oid,
      payload: tag.payload,
      snapshot: { id: stored.snapshot.id, tag: stored.tag, payload: sha256Of(ctx, stored.payload) },
      gates: gates.map(({ name, verdict, evidence }) => ({ name, verdict, evidence })),
      verifyMs,
      ...(frozen.length === 0 ? {} : { frozen }),
      ...(breakGlass ? { breakGlass: true as const } : {}),
      reason: message.subject,
    };
    const mirror = `refs/tags/promotions/${set.name}/${environment}/${number}`;
    return {
      event,
      updates: [
        { name: ref, from: null, to: tag.oid },
        ...(trusted.policy.mirrorTags === true
          ? [{ name: mirror, from: await store.readRef(mirror), to: tag.oid }]
          : []),
      ],
      reason: `snapshot: ${action} ${set.name}/${stored.snapshot.id} ${environment}/${number}`,
      result: number,
      check: requireStanding(log, trusted.policy),
    };
  });
}

interface PromotionToSign extends ReasonedPromotion {
  readonly actor: Actor;
  readonly gates: readonly GateOutcome[];
  readonly frozen: readonly string[];
  readonly number: number;
  readonly tip: Oid;
}

async function signPromotion(
  { ctx, trusted, set, environment, log }: PromotionScene & { readonly log: Log },
  { stored, action, breakGlass, message, actor, gates, frozen, number, tip }: PromotionToSign,
): Promise<{ oid: Oid; payload: string }> {
  const promotion: PromotionTag = {
    set: set.name,
    environment,
    number,
    object: stored.tag,
    tagger: { ...actor.identity, atSec: nowSec(ctx) },
    subject: message.subject,
    body: message.body,
    repository: trusted.policy.repository,
    action,
    snapshot: stored.snapshot.id,
    payload: ctx.digest.sha256(stored.payload),
    manifest: stored.snapshot.manifest,
    live: log.ledger.live(set.name, environment)?.event.number,
    policy: { version: trusted.policy.version, digest: trusted.digest.slice('sha256:'.length) },
    audit: tip,
    gates: gates.map(({ name, verdict, evidence, durationMs }) => ({ name, verdict, evidence, durationMs })),
    frozen,
    breakGlass,
  };
  const payload = encodePromotionPayload(promotion);
  const [oid] = (await ctx.store.writeObjects([
    { type: 'tag', body: payload + (await actor.signer.sign(payload)) },
  ])) as [Oid];
  return { oid, payload: sha256Of(ctx, payload) };
}
