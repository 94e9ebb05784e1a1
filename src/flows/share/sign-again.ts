import type { AuditEvent } from '../../core/audit/event.ts';
import type { ByteString } from '../../core/byte-string.ts';
import type { Oid } from '../../core/oid.ts';
import type { PolicyVersion } from '../../core/policy/timeline.ts';
import { encodeApprovalPayload, parseApprovalTag } from '../../core/promotion/approval-tag.ts';
import { encodePromotionPayload, parsePromotionTag } from '../../core/promotion/promotion-tag.ts';
import { encodeHoldPayload, parseHoldTag } from '../../core/retention/hold-tag.ts';
import type { Signer } from '../../core/signing.ts';
import { key16 } from '../../core/signing.ts';
import { snapshotId } from '../../core/snapshot/manifest.ts';
import { encodeSnapshotPayload, parseSnapshotTag } from '../../core/snapshot/snapshot-tag.ts';
import type { Context } from '../context.ts';
import { sha256Of } from '../context.ts';

type Signing = Pick<Context, 'store' | 'digest'>;
type EventOf<Type extends AuditEvent['type']> = AuditEvent & { type: Type };

/** Where what is signed again comes to stand. */
export interface NewPlace {
  readonly signer: Signer;
  readonly inForce: PolicyVersion;
  /** The log's tip before the event. */
  readonly tip: Oid;
}

/** A tag by its name and by what was signed. */
export interface NewTag {
  readonly tag: Oid;
  readonly payload: string;
}

/** Signs a snapshot's tag again. @param changes - what it says otherwise; its id follows from the time */
export async function signSnapshotAgain(
  ctx: Signing,
  {
    event,
    place,
    atSec,
    previous,
  }: {
    event: EventOf<'snapshot'>;
    place: NewPlace;
    /** Of the tag: another where its id is taken. */
    atSec: number;
    /** How the snapshot before it is called now. */
    previous: (payload: string) => string;
  },
): Promise<NewTag & { readonly id: string }> {
  const { body } = await ctx.store.readObject(event.snapshot.tag);
  const { snapshot } = parseSnapshotTag(body, ctx.store.format, `snapshot '${event.snapshot.id}'`);
  const id = snapshotId(atSec, snapshot.manifest);
  const payload = encodeSnapshotPayload({
    ...snapshot,
    id,
    tagger: { ...snapshot.tagger, atSec },
    previous: snapshot.previous && previous(`sha256:${snapshot.previous}`).slice('sha256:'.length),
    ...placeTrailers(place),
  });
  return { id, ...(await store(ctx, place.signer, payload)) };
}

/** Signs a promotion's tag again. */
export async function signPromotionAgain(
  ctx: Signing,
  {
    event,
    place,
    live,
  }: {
    /** With its new number and snapshot. */
    event: EventOf<'promotion'>;
    place: NewPlace;
    live: number | undefined;
  },
): Promise<NewTag> {
  const { body } = await ctx.store.readObject(event.tag);
  const { promotion } = parsePromotionTag(body, ctx.store.format, `promotion ${event.environment}/${event.number}`);
  const payload = encodePromotionPayload({
    ...promotion,
    number: event.number,
    object: event.snapshot.tag,
    snapshot: event.snapshot.id,
    payload: event.snapshot.payload.slice('sha256:'.length),
    live,
    ...placeTrailers(place),
  });
  return store(ctx, place.signer, payload);
}

/** The number of the promotion that a promotion's tag says was live. */
export async function liveInTag(ctx: Signing, { tag, environment, number }: EventOf<'promotion'>) {
  const { body } = await ctx.store.readObject(tag);
  return parsePromotionTag(body, ctx.store.format, `promotion ${environment}/${number}`).promotion.live;
}

/** Signs what somebody said of a promotion again. */
export async function signApprovalAgain(
  ctx: Signing,
  {
    event,
    place,
    object,
  }: {
    /** With its new number and promotion. */
    event: EventOf<'approval'>;
    place: NewPlace;
    /** The promotion's tag. */
    object: Oid;
  },
): Promise<NewTag> {
  const { body } = await ctx.store.readObject(event.tag);
  const { approval } = parseApprovalTag(body, ctx.store.format, `approval ${event.environment}/${event.number}`);
  const payload = encodeApprovalPayload({
    ...approval,
    number: event.number,
    key16: key16(place.signer.key),
    object,
    promotion: event.promotion.slice('sha256:'.length),
    ...placeTrailers(place),
  });
  return store(ctx, place.signer, payload);
}

/** Signs a hold's tag again. */
export async function signHoldAgain(
  ctx: Signing,
  { event, place }: { /** With its new snapshot. */ event: EventOf<'hold'>; place: NewPlace },
): Promise<NewTag> {
  const { body } = await ctx.store.readObject(event.tag);
  const { hold } = parseHoldTag(body, ctx.store.format, `hold '${event.case}'`);
  const payload = encodeHoldPayload({
    ...hold,
    id: event.snapshot.id,
    object: event.snapshot.tag,
    snapshot: event.snapshot.payload.slice('sha256:'.length),
    ...placeTrailers(place),
  });
  return store(ctx, place.signer, payload);
}

function placeTrailers({ inForce: { policy, digest }, tip }: NewPlace) {
  return { policy: { version: policy.version, digest: digest.slice('sha256:'.length) }, audit: tip };
}

async function store(ctx: Signing & { store: Context['store'] }, signer: Signer, payload: ByteString): Promise<NewTag> {
  const body = payload + (await signer.sign(payload));
  const [tag] = (await ctx.store.writeObjects([{ type: 'tag', body }])) as [Oid];
  return { tag, payload: sha256Of(ctx, payload) };
}
