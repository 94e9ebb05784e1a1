import type { AuditEvent } from '../audit/event.ts';
import { holdersOf, personOf } from '../policy/roles.ts';
import type { Policy } from '../policy/schema.ts';
import type { PromotionLedger } from '../promotion/ledger.ts';
import { environmentOrder } from '../promotion/rules.ts';
import { isoTime } from './iso-time.ts';
import type { RetentionFault, RetentionLedger, SnapshotName } from './ledger.ts';
import { timeOf } from './ledger.ts';
import { type Use, usesOf } from './protections.ts';
import { graceEndSec } from './rules-of-set.ts';

interface Judging {
  readonly retention: RetentionLedger;
  readonly policy: Policy;
  readonly promotions: PromotionLedger;
}

/** Why an event may not stand here, by the rules of retention; undefined where it may, and for events of other kinds. */
export function retentionFault(event: AuditEvent, judging: Judging): RetentionFault | undefined {
  switch (event.type) {
    case 'prune':
      return pruneFault(event, judging);
    case 'undelete':
      return placeFault(judging.retention, { ...event, places: ['trash'] });
    case 'hold':
      return holdFault(event, judging.retention);
    case 'release':
      return releaseFault(event, judging);
    case 'erase':
      return eraseFault(event, judging);
    case 'snapshot':
      return goneFault(judging.retention, event, 'tells of');
    case 'promotion':
      return goneFault(judging.retention, event, 'promotes');
    case 'approval':
      return approvalFault(event, judging);
    default:
      return undefined;
  }
}

function goneFault(
  retention: RetentionLedger,
  { set, snapshot: { id } }: AuditEvent & { type: 'snapshot' | 'promotion' },
  deed: string,
): RetentionFault | undefined {
  const place = retention.fate(set, id)?.place ?? 'kept';
  if (place === 'kept') return undefined;
  const where = place === 'trash' ? 'is in the trash' : `was ${place}`;
  return { rule: 'retention', detail: `${deed} ${set}/${id}, which ${where}` };
}

/**
 * Why nothing may be said of a promotion whose snapshot is gone, or undefined: whatever is said may be what makes it live, and live is
 * what can be put back.
 */
function approvalFault(
  { set, environment, number }: AuditEvent & { type: 'approval' },
  { retention, promotions }: Judging,
): RetentionFault | undefined {
  const promotion = promotions.promotions(set, environment)[number - 1];
  if (promotion === undefined || promotion.effective !== undefined) return undefined;
  return goneFault(retention, promotion.event, 'is of a promotion of');
}

/** Why this may not be pruned, or undefined. What is held, live, next to go back to or waits to go live is never pruned, whoever asks. */
function pruneFault(
  event: AuditEvent & { type: 'prune' },
  { retention, policy, promotions }: Judging,
): RetentionFault | undefined {
  const { set, removed, dropped } = event;
  if (removed.length + dropped.length === 0) return { rule: 'prune', detail: 'removes nothing' };
  const twice = repeated([...removed, ...dropped]);
  if (twice !== undefined) return { rule: 'prune', detail: `names ${twice} twice` };
  const atSec = timeOf(event.at);
  const uses = usesOf({ policy, promotions }, set);
  for (const snapshot of removed) {
    const { id } = snapshot;
    const fault =
      placeFault(retention, { set, snapshot, places: ['kept'] }) ??
      heldFault(retention, { set, id, atSec }) ??
      useFault(uses.get(id), `removes ${set}/${id}`);
    if (fault !== undefined) return fault;
  }
  for (const snapshot of dropped) {
    const use = uses.get(snapshot.id);
    const fault =
      placeFault(retention, { set, snapshot, places: ['trash'] }) ??
      heldFault(retention, { set, id: snapshot.id, atSec }) ??
      // It can come to be so in the trash: when the key that put a later one there is revoked.
      useFault(use?.kind === 'former' ? undefined : use, `drops ${set}/${snapshot.id}`);
    if (fault !== undefined) return fault;
    const endSec = graceEndSec(policy, set, retention.fate(set, snapshot.id)?.sinceSec ?? atSec);
    if (atSec < endSec)
      return { rule: 'grace', detail: `drops ${set}/${snapshot.id}, whose grace period ends at ${isoTime(endSec)}` };
  }
  if (removed.length > 0 && retention.keptIn(set) === removed.length)
    return { rule: 'prune', detail: `would leave nothing of the set '${set}'` };
  return undefined;
}

/** Why this hold may not be put, or undefined. */
function holdFault(
  { set, snapshot, case: name, until, at }: AuditEvent & { type: 'hold' },
  retention: RetentionLedger,
): RetentionFault | undefined {
  const fault = placeFault(retention, { set, snapshot, places: ['kept'] });
  if (fault !== undefined) return fault;
  if (retention.holds(set, snapshot.id).some(({ event }) => event.case === name))
    return { rule: 'hold', detail: `there is a hold '${name}' on ${set}/${snapshot.id} already` };
  return until !== undefined && timeOf(until) <= timeOf(at)
    ? { rule: 'hold', detail: `runs out at ${until}, which is past` }
    : undefined;
}

/** Why this hold may not be released, or undefined. */
function releaseFault(
  { set, snapshot, case: name, hold: payload, actor }: AuditEvent & { type: 'release' },
  { retention, policy }: Pick<Judging, 'retention' | 'policy'>,
): RetentionFault | undefined {
  const hold = retention.holds(set, snapshot.id).find(({ event }) => event.case === name);
  if (hold === undefined) return { rule: 'hold', detail: `there is no hold '${name}' on ${set}/${snapshot.id}` };
  if (hold.event.payload !== payload || hold.event.snapshot.payload !== snapshot.payload)
    return { rule: 'hold', detail: `releases ${payload}, and the hold '${name}' is ${hold.event.payload}` };
  const holder = personOf(policy, hold.event.key) ?? hold.event.actor;
  return policy.holds?.releaseBy === 'another' && (holder === actor || hold.event.actor === actor)
    ? { rule: 'hold', detail: `the hold '${name}' is ${actor}'s own, and somebody else has to release it` }
    : undefined;
}

/** Why this may not be erased, or undefined. */
function eraseFault(event: AuditEvent & { type: 'erase' }, judging: Judging): RetentionFault | undefined {
  const { retention, policy } = judging;
  const { set, snapshots, action, actor } = event;
  const atSec = timeOf(event.at);
  const twice = repeated(snapshots);
  if (twice !== undefined) return { rule: 'erase', detail: `names ${twice} twice` };
  for (const snapshot of snapshots) {
    const fault = eraseObstacle({ set, snapshot, atSec }, judging);
    if (fault !== undefined) return fault;
  }
  const asked = retention.erasure(set, snapshots)?.askedBy ?? [];
  if (action === 'ask')
    return asked.includes(actor) ? { rule: 'erase', detail: `${actor} has asked for this already` } : undefined;
  const { agreed, needed } = erasureTally(policy, { set, people: [...asked, actor] });
  return agreed.length < needed
    ? { rule: 'threshold', detail: `${needed} pruners must agree to erase this, and there are ${agreed.length}` }
    : undefined;
}

/** Why one snapshot may not be erased, whoever agrees; undefined where it may. `atSec`: seconds since the epoch. */
export function eraseObstacle(
  { set, snapshot, atSec }: { readonly set: string; readonly snapshot: SnapshotName; readonly atSec: number },
  { retention, policy, promotions }: Judging,
): RetentionFault | undefined {
  return (
    placeFault(retention, { set, snapshot, places: ['kept', 'trash'] }) ??
    heldFault(retention, { set, id: snapshot.id, atSec }) ??
    liveFault({ policy, promotions }, { set, snapshot })
  );
}

/** Who of these people may have a say in erasing something of a set, and how many it takes. */
export function erasureTally(
  policy: Policy,
  { set, people }: { readonly set: string; readonly people: readonly string[] },
): { readonly agreed: readonly string[]; readonly needed: number } {
  const holders = holdersOf(policy, 'pruner', { set });
  const own = Object.hasOwn(policy.sets, set) ? policy.sets[set]?.roles?.pruner : undefined;
  const { threshold = 1 } = own ?? policy.roles.pruner ?? {};
  return { agreed: [...new Set(people)].filter((person) => holders.includes(person)), needed: threshold };
}

function useFault(use: Use | undefined, deed: string): RetentionFault | undefined {
  return use && { rule: use.kind === 'waiting' ? 'pending' : 'live', detail: `${deed}, which ${use.detail}` };
}

function liveFault(
  { policy, promotions }: Pick<Judging, 'policy' | 'promotions'>,
  { set, snapshot }: { set: string; snapshot: SnapshotName },
): RetentionFault | undefined {
  const where = environmentOrder(policy).find(
    (environment) => promotions.live(set, environment)?.event.snapshot.payload === snapshot.payload,
  );
  return where === undefined
    ? undefined
    : { rule: 'live', detail: `erases ${set}/${snapshot.id}, which is live in ${where}` };
}

function heldFault(
  retention: RetentionLedger,
  { set, id, atSec }: { readonly set: string; readonly id: string; readonly atSec: number },
): RetentionFault | undefined {
  const [hold] = retention.holdsAt(set, id, atSec);
  return hold && { rule: 'hold', detail: `removes ${set}/${id}, which the hold '${hold.event.case}' is on` };
}

function placeFault(
  retention: RetentionLedger,
  wanted: { readonly set: string; readonly snapshot: SnapshotName; readonly places: readonly string[] },
): RetentionFault | undefined {
  const { set, snapshot, places } = wanted;
  const what = `${set}/${snapshot.id}`;
  const fate = retention.fate(set, snapshot.id);
  if (fate === undefined) return { rule: 'snapshot', detail: `is of ${what}, which no event tells of` };
  if (fate.snapshot.tag !== snapshot.tag || fate.snapshot.payload !== snapshot.payload)
    return { rule: 'snapshot', detail: `is of ${what} as ${snapshot.tag}, and that is ${fate.snapshot.tag}` };
  if (places.includes(fate.place)) return undefined;
  const where = { kept: 'is not in the trash', trash: 'is in the trash', dropped: 'was dropped', erased: 'was erased' };
  return { rule: 'retention', detail: `is of ${what}, which ${where[fate.place]}` };
}

function repeated(snapshots: readonly SnapshotName[]): string | undefined {
  const seen = new Set<string>();
  return snapshots.find(({ id }) => seen.size === seen.add(id).size)?.id;
}
