import { SnapshotError } from '../../core/errors.ts';
import type { Oid } from '../../core/oid.ts';
import { holdRef, requireName } from '../../core/refs.ts';
import { encodeHoldPayload } from '../../core/retention/hold-tag.ts';
import { isoTime } from '../../core/retention/iso-time.ts';
import { isOver } from '../../core/retention/ledger.ts';
import type { Message } from '../../core/snapshot/message.ts';
import type { Context } from '../context.ts';
import { nowSec, sha256Of } from '../context.ts';
import { actorFor, requireRole } from '../log/actor.ts';
import type { Log } from '../log/open-log.ts';
import { publish } from '../log/publish.ts';
import { soundLog } from '../log/sound-log.ts';
import { resolveSnapshot } from '../snapshot/choose-snapshot.ts';
import { openRetention, requireLawful } from './scene.ts';

/** A hold, for people and programs. */
export interface HoldInfo {
  readonly set: string;
  readonly snapshot: string;
  readonly case: string;
  readonly reason: string;
  readonly by: string;
  readonly sinceSec: number;
  /** When it runs out, in seconds since the epoch; undefined: never. */
  readonly untilSec: number | undefined;
  readonly over: boolean;
}

/** What to hold. */
export interface HoldOptions {
  readonly set: string | undefined;
  readonly snapshot: string;
  readonly case: string;
  /** The reason. Asked for once nothing that is known at once is in the way; throws where there is none. */
  readonly message: () => Message;
  readonly untilSec: number | undefined;
}

/**
 * Puts a signed hold on a snapshot: nothing removes it before the hold is released or has run out.
 *
 * @throws {SnapshotError} `conflict` for a case that has a hold there already, `untrusted` for who is no pruner
 */
export async function holdSnapshot(ctx: Context, options: HoldOptions): Promise<HoldInfo> {
  const name = requireName(options.case, 'the case');
  const { trusted, set } = await openRetention(ctx, options.set);
  const stored = await resolveSnapshot(ctx, trusted.policy, { set: set.name, snapshot: options.snapshot });
  const actor = await actorFor(ctx, trusted);
  const by = requireRole(actor, 'pruner', { set: stored.snapshot.set });
  const { subject, body } = options.message();
  const { id } = stored.snapshot;
  const snapshot = { id, tag: stored.tag, payload: sha256Of(ctx, stored.payload) };
  const until = options.untilSec === undefined ? undefined : isoTime(options.untilSec);
  const place = { set: stored.snapshot.set, id, case: name };
  await publish(ctx, actor, async (tip) => {
    const log = await soundLog(ctx, trusted);
    const payload = encodeHoldPayload({
      ...place,
      object: stored.tag,
      tagger: { ...actor.identity, atSec: nowSec(ctx) },
      subject,
      body,
      repository: trusted.policy.repository,
      snapshot: ctx.digest.sha256(stored.payload),
      until,
      policy: { version: trusted.policy.version, digest: trusted.digest.slice('sha256:'.length) },
      audit: tip,
    });
    const [tag] = (await ctx.store.writeObjects([
      { type: 'tag', body: payload + (await actor.signer.sign(payload)) },
    ])) as [Oid];
    return {
      event: {
        type: 'hold',
        set: place.set,
        case: name,
        snapshot,
        tag,
        payload: sha256Of(ctx, payload),
        ...(until === undefined ? {} : { until }),
        reason: subject,
      },
      updates: [{ name: holdRef(place), from: null, to: tag }],
      reason: `snapshot: hold ${name} ${place.set}/${id}`,
      result: undefined,
      check: requireLawful(log, trusted.policy),
    };
  });
  const { untilSec } = options;
  return {
    set: place.set,
    snapshot: id,
    case: name,
    reason: subject,
    by,
    sinceSec: nowSec(ctx),
    untilSec,
    over: false,
  };
}

/** Which hold to release. */
export interface ReleaseOptions {
  readonly set: string | undefined;
  /** A selector; undefined: the only snapshot that the case holds. */
  readonly snapshot: string | undefined;
  /** Undefined: the only hold on the snapshot. */
  readonly case: string | undefined;
  /** The reason. Asked for once nothing that is known at once is in the way; throws where there is none. */
  readonly message: () => Message;
}

/**
 * Releases a hold.
 *
 * @throws {SnapshotError} `not-found` where there is none, `usage` where there are several, `conflict` where the policy wants
 * somebody else than the holder
 */
export async function releaseHold(ctx: Context, options: ReleaseOptions): Promise<HoldInfo> {
  const { trusted, set } = await openRetention(ctx, options.set);
  const wanted =
    options.snapshot === undefined
      ? undefined
      : (await resolveSnapshot(ctx, trusted.policy, { set: set.name, snapshot: options.snapshot })).snapshot.id;
  const hold = chooseHold(await listHolds(ctx, { set: set.name, all: true }), {
    snapshot: wanted,
    case: options.case,
  });
  const actor = await actorFor(ctx, trusted);
  requireRole(actor, 'pruner', { set: hold.set });
  const reason = options.message().subject;
  await publish(ctx, actor, async () => {
    const log = await soundLog(ctx, trusted);
    const found = log.retention.holds(hold.set, hold.snapshot).find(({ event }) => event.case === hold.case);
    if (found === undefined) throw noHold(hold.case);
    const { event } = found;
    const name = holdRef({ ...hold, id: hold.snapshot });
    // It is gone where whoever released the hold before is not believed any more.
    const isThere = (await ctx.store.readRef(name)) !== null;
    return {
      event: {
        type: 'release',
        set: hold.set,
        case: hold.case,
        snapshot: event.snapshot,
        hold: event.payload,
        reason,
      },
      updates: isThere ? [{ name, from: event.tag, to: null }] : [],
      reason: `snapshot: release ${hold.case} ${hold.set}/${hold.snapshot}`,
      result: undefined,
      check: requireLawful(log, trusted.policy),
    };
  });
  return { ...hold, over: true };
}

/** Holds that have not been released, oldest first. Those that have run out only with `all`. */
export async function listHolds(
  ctx: Context,
  { set: named, all }: { readonly set: string | undefined; readonly all: boolean },
): Promise<readonly HoldInfo[]> {
  const { log } = await openRetention(ctx, named);
  return holdInfos(log, nowSec(ctx)).filter(
    ({ set, over }) => (named === undefined || set === named) && (all || !over),
  );
}

/** Holds that have not been released, oldest first. */
export function holdInfos({ retention }: Pick<Log, 'retention'>, now: number): HoldInfo[] {
  return retention
    .allHolds()
    .map(({ event }): HoldInfo => {
      const { set, snapshot, case: name, reason, actor: by, at, until } = event;
      const untilSec = until === undefined ? undefined : Date.parse(until) / 1000;
      const over = isOver(event, now);
      return { set, snapshot: snapshot.id, case: name, reason, by, sinceSec: Date.parse(at) / 1000, untilSec, over };
    })
    .sort((a, b) => a.sinceSec - b.sinceSec);
}

function chooseHold(
  holds: readonly HoldInfo[],
  wanted: { readonly snapshot: string | undefined; readonly case: string | undefined },
): HoldInfo {
  const found = holds.filter(
    (hold) =>
      (wanted.case === undefined || hold.case === wanted.case) &&
      (wanted.snapshot === undefined || hold.snapshot === wanted.snapshot),
  );
  const [chosen, another] = found;
  if (chosen === undefined) throw noHold(wanted.case);
  if (another === undefined) return chosen;
  const some = found.slice(0, 5).map((hold) => `${hold.case} on ${hold.snapshot}`);
  throw new SnapshotError('usage', `${found.length} holds fit: ${some.join(', ')}`, {
    hint: 'Name the snapshot, and the case with --case.',
  });
}

function noHold(name: string | undefined): SnapshotError {
  return new SnapshotError('not-found', `there is no such hold${name === undefined ? '' : `: '${name}'`}`, {
    hint: 'See "git snapshot holds".',
  });
}
