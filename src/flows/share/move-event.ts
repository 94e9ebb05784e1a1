import type { AuditEvent } from '../../core/audit/event.ts';
import type { LedgerHistory } from '../../core/audit/ledger-history.ts';
import type { PromotionState } from '../../core/promotion/promotion-state.ts';
import { timeOf } from '../../core/retention/ledger.ts';
import { MovedNames } from '../../core/share/moved-names.ts';
import { idTimeSec, snapshotId } from '../../core/snapshot/manifest.ts';
import type { Context } from '../context.ts';
import type { NewPlace } from './sign-again.ts';
import { liveInTag, signApprovalAgain, signHoldAgain, signPromotionAgain, signSnapshotAgain } from './sign-again.ts';

type EventOf<Type extends AuditEvent['type']> = AuditEvent & { type: Type };

/** An event as it can stand elsewhere, or why there is no point in it there any more. */
export type MovedEvent = { readonly event: AuditEvent } | { readonly pointless: string };

/** A place in a log that an event is to be put at. */
export interface EventPlace extends NewPlace {
  readonly history: LedgerHistory;
}

/**
 * Makes events anew for another place in the log: what they name is called what it is called there, and tags that would say
 * what does not hold there are signed again. Whether they may stand there is for the rules to say.
 */
export class EventMover {
  readonly names = new MovedNames();
  readonly #ctx: Pick<Context, 'store' | 'digest'>;

  constructor(ctx: Pick<Context, 'store' | 'digest'>) {
    this.#ctx = ctx;
  }

  async move(event: AuditEvent, place: EventPlace): Promise<MovedEvent> {
    switch (event.type) {
      case 'policy':
        return { event };
      case 'repair':
        return { pointless: 'what it passed over is not in the log there' };
      case 'snapshot':
        return this.#moveSnapshot(event, place);
      case 'promotion':
        return this.#movePromotion(event, place);
      case 'approval':
        return this.#moveApproval(event, place);
      case 'rehearsal': {
        const { snapshot, from } = event;
        const moved = from === undefined ? {} : { from: this.names.snapshot(from) };
        return { event: { ...event, snapshot: this.names.snapshot(snapshot), ...moved } };
      }
      case 'resume':
        return this.#moveResume(event, place);
      case 'rollback': {
        const { to, from } = event;
        return { event: { ...event, to: this.names.snapshot(to), from: this.names.snapshot(from) } };
      }
      case 'hold':
        return this.#moveHold(event, place);
      case 'release':
        return this.#moveRelease(event, place);
      case 'prune':
        return this.#movePrune(event, place);
      case 'undelete': {
        const snapshot = this.names.snapshot(event.snapshot);
        const isBack = placeOf(place, event.set, snapshot.id) === 'kept';
        return isBack
          ? { pointless: `${event.set}/${snapshot.id} is back already` }
          : { event: { ...event, snapshot } };
      }
      case 'erase':
        return this.#moveErase(event, place);
    }
  }

  async #moveSnapshot(event: EventOf<'snapshot'>, place: EventPlace): Promise<MovedEvent> {
    const { set, snapshot, manifest } = event;
    const isTaken = (id: string) => place.history.retention.fate(set, id) !== undefined;
    if (place.history.retention.fate(set, snapshot.id)?.snapshot.payload === snapshot.payload)
      return { pointless: `${set}/${snapshot.id} is there already` };
    let atSec = idTimeSec(snapshot.id);
    while (isTaken(snapshotId(atSec, manifest.slice('sha256:'.length)))) atSec += 1;
    const isAsItWas = atSec === idTimeSec(snapshot.id) && standsUnderSame(event, place);
    if (isAsItWas) return { event };
    const previous = (payload: string) => this.names.snapshot({ ...snapshot, payload }).payload;
    const signed = await signSnapshotAgain(this.#ctx, { event, place, atSec, previous });
    this.names.moveSnapshot(snapshot, signed);
    return { event: { ...event, snapshot: signed } };
  }

  async #movePromotion(former: EventOf<'promotion'>, place: EventPlace): Promise<MovedEvent> {
    const { promotions } = place.history;
    const { set, environment } = former;
    const number = promotions.promotions(set, environment).length + 1;
    const event = { ...former, number, snapshot: this.names.snapshot(former.snapshot) };
    const live = promotions.live(set, environment)?.event.number;
    const isAsItWas =
      number === former.number &&
      event.snapshot.tag === former.snapshot.tag &&
      standsUnderSame(former, place) &&
      live === (await liveInTag(this.#ctx, former));
    if (isAsItWas) return { event };
    // The tag is still under its former name.
    const signed = await signPromotionAgain(this.#ctx, { event, place, live });
    this.names.movePromotion(former.payload, { number, payload: signed.payload });
    return { event: { ...event, ...signed } };
  }

  async #moveApproval(former: EventOf<'approval'>, place: EventPlace): Promise<MovedEvent> {
    const moved = this.names.promotion(former.promotion);
    if (moved === undefined && standsUnderSame(former, place)) return { event: former };
    const number = moved?.number ?? former.number;
    const event = { ...former, number, promotion: moved?.payload ?? former.promotion };
    const promotion: PromotionState | undefined = place.history.promotions.promotions(former.set, former.environment)[
      number - 1
    ];
    // Of what is not there, nothing can be said: the rules will say so.
    if (promotion === undefined) return { event };
    const signed = await signApprovalAgain(this.#ctx, { event, place, object: promotion.event.tag });
    return { event: { ...event, ...signed } };
  }

  #moveResume(former: EventOf<'resume'>, { history }: EventPlace): MovedEvent {
    const { set, environment } = former;
    const moved = this.names.promotion(former.promotion);
    const number = moved?.number ?? former.number;
    const promotion: PromotionState | undefined = history.promotions.promotions(set, environment)[number - 1];
    if (promotion?.hold?.resumed !== undefined) return { pointless: `${environment} was resumed already` };
    if (moved === undefined) return { event: former };
    return { event: { ...former, number, promotion: moved.payload, tag: promotion?.event.tag ?? former.tag } };
  }

  async #moveHold(former: EventOf<'hold'>, place: EventPlace): Promise<MovedEvent> {
    const event = { ...former, snapshot: this.names.snapshot(former.snapshot) };
    const { set, snapshot, until } = event;
    const there = place.history.retention.holds(set, snapshot.id).find(({ event: hold }) => hold.case === event.case);
    if (there !== undefined && lastsAsLong(there.event.until, until))
      return { pointless: `the hold '${event.case}' is on ${set}/${snapshot.id} already` };
    if (snapshot.tag === former.snapshot.tag && standsUnderSame(former, place)) return { event };
    const signed = await signHoldAgain(this.#ctx, { event, place });
    this.names.moveHold(former.payload, signed.payload);
    return { event: { ...event, ...signed } };
  }

  #moveRelease(former: EventOf<'release'>, { history }: EventPlace): MovedEvent {
    const event = {
      ...former,
      snapshot: this.names.snapshot(former.snapshot),
      hold: this.names.hold(former.hold),
    };
    const { set, snapshot } = event;
    const isThere = history.retention.holds(set, snapshot.id).some(({ event: hold }) => hold.case === event.case);
    return isThere
      ? { event }
      : { pointless: `the hold '${event.case}' on ${set}/${snapshot.id} was released already` };
  }

  #movePrune(former: EventOf<'prune'>, place: EventPlace): MovedEvent {
    const { set } = former;
    const removed = former.removed
      .map((snapshot) => this.names.snapshot(snapshot))
      .filter(({ id }) => (placeOf(place, set, id) ?? 'kept') === 'kept');
    const dropped = former.dropped
      .map((snapshot) => this.names.snapshot(snapshot))
      .filter(({ id }) => !['dropped', 'erased'].includes(placeOf(place, set, id) ?? ''));
    if (removed.length + dropped.length === 0)
      return { pointless: `what it removes of the set '${set}' was removed already` };
    return { event: { ...former, removed, dropped } };
  }

  #moveErase(former: EventOf<'erase'>, place: EventPlace): MovedEvent {
    const { set, action, actor } = former;
    const snapshots = former.snapshots.map((snapshot) => this.names.snapshot(snapshot));
    const event = { ...former, snapshots };
    const isGone = snapshots.every(({ id }) => ['dropped', 'erased'].includes(placeOf(place, set, id) ?? ''));
    if (isGone) return { pointless: 'what it erases is gone already' };
    const asked = place.history.retention.erasure(set, snapshots)?.askedBy ?? [];
    return action === 'ask' && asked.includes(actor) ? { pointless: 'that was asked for already' } : { event };
  }
}

/** Whether a tag that was made for the event says the right policy, and is signed by the right key. */
function standsUnderSame({ policy, key }: AuditEvent, { inForce, signer }: EventPlace): boolean {
  return policy.version === inForce.policy.version && policy.digest === inForce.digest && key === signer.key;
}

function placeOf({ history }: EventPlace, set: string, id: string) {
  return history.retention.fate(set, id)?.place;
}

/** Whether a hold that ends then is enough for what would be asked for; undefined: it never ends. */
function lastsAsLong(there: string | undefined, asked: string | undefined): boolean {
  return there === undefined || (asked !== undefined && timeOf(there) >= timeOf(asked));
}
