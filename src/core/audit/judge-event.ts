import type { Oid } from '../oid.ts';
import type { Scope } from '../policy/roles.ts';
import { holdersOf, isExpired, personOf } from '../policy/roles.ts';
import type { Role } from '../policy/schema.ts';
import type { PolicyTimeline, PolicyVersion } from '../policy/timeline.ts';
import type { KeyId, Verification } from '../signing.ts';
import type { AuditEvent } from './event.ts';
import { eventEnvironment, eventSet } from './event.ts';
import type { LoggedEvent } from './logged-event.ts';

/** What the log has come to, after some of its events. */
export interface LogState {
  /** Number of the last event; 0 before the first. */
  readonly seq: number;
  /** Its commit, or null. */
  readonly oid: Oid | null;
  /** The version of the policy in force for what comes next; 0 before the first. */
  readonly version: number;
  /** The commit of that version, or null. */
  readonly policyCommit: Oid | null;
  /** The latest time that any event states, in seconds since the epoch. */
  readonly latestAtSec: number;
  /** Commits that repairs passed over, oldest first. */
  readonly skipped: readonly Oid[];
}

/** Before the first event. */
export const EMPTY_LOG: LogState = {
  seq: 0,
  oid: null,
  version: 0,
  policyCommit: null,
  latestAtSec: 0,
  skipped: [],
};

/** What an event comes to, given those before it. */
export function afterEvent(state: LogState, { oid, event }: Pick<LoggedEvent, 'oid' | 'event'>): LogState {
  return {
    seq: event.seq,
    oid,
    version: event.type === 'policy' ? event.policy.version : state.version,
    policyCommit: event.type === 'policy' ? event.commit : state.policyCommit,
    latestAtSec: Math.max(state.latestAtSec, Math.floor(Date.parse(event.at) / 1000)),
    skipped: event.type === 'repair' ? [...state.skipped, ...event.skipped] : state.skipped,
  };
}

/** Roles of which one must be had, to enter an event of this type. */
const ROLES_OF: Readonly<Record<AuditEvent['type'], readonly Role[]>> = {
  policy: ['root'],
  snapshot: ['snapshotter'],
  rollback: ['releaser'],
  promotion: ['promoter', 'releaser'],
  approval: ['approver'],
  repair: ['auditor'],
  prune: ['pruner'],
  undelete: ['pruner'],
  hold: ['pruner'],
  release: ['pruner'],
  erase: ['pruner'],
  // It changes nothing, and who takes snapshots is to know that they can be put back.
  rehearsal: ['releaser', 'snapshotter'],
  resume: ['releaser'],
};

/** A rollback is the releasers' to make, and so is what breaks the rules. */
function rolesFor(event: Exclude<AuditEvent, { type: 'policy' }>): readonly Role[] {
  // Who rolls back takes a backup first.
  if (event.type === 'snapshot' && event.backup) return ['snapshotter', 'releaser'];
  if (event.type !== 'promotion') return ROLES_OF[event.type];
  return event.action === 'rollback' || event.breakGlass ? ['releaser'] : ['promoter'];
}

/** What an expired policy still allows: an emergency must not wait for signatures, and the next policy must be possible. */
const OUTLIVES_POLICY: ReadonlySet<AuditEvent['type']> = new Set(['policy', 'rollback', 'repair']);

/** Whether such an event may still be entered under a policy that has run out. */
export function outlivesPolicy(event: {
  readonly type: AuditEvent['type'];
  readonly action?: string | undefined;
  readonly backup?: boolean | undefined;
}): boolean {
  const isOfRollback =
    (event.type === 'promotion' && event.action === 'rollback') || (event.type === 'snapshot' && event.backup === true);
  return OUTLIVES_POLICY.has(event.type) || isOfRollback;
}

/** Why an event may not stand where it does. */
export interface EventFault {
  readonly rule: string;
  readonly detail: string;
}

/** The versions whose keys and roles judge an event at this place. Empty if the log and the policy do not fit. */
export function judgingVersions<V extends PolicyVersion>(
  state: LogState,
  event: AuditEvent,
  timeline: PolicyTimeline<V>,
): readonly V[] {
  // A new version is announced by a root of the one before it, or by one of its own.
  const numbers = event.type === 'policy' ? [event.policy.version - 1, event.policy.version] : [state.version];
  return numbers.flatMap((number) => timeline.version(number) ?? []);
}

/**
 * Judges an event by what comes before it. Reads no key and no clock: the signature was checked before, against the keys
 * of {@link judgingVersions}.
 *
 * @returns the first rule that it breaks, or undefined
 */
export function judgeEvent(
  state: LogState,
  { logged, verification }: { logged: Pick<LoggedEvent, 'event'>; verification: Verification },
  timeline: PolicyTimeline,
): EventFault | undefined {
  const { event } = logged;
  const { seq, key } = event;
  const fault = (rule: string, detail: string): EventFault => ({ rule, detail: `event ${seq}: ${detail}` });
  if (seq !== state.seq + 1) return { rule: 'order', detail: `is number ${seq}, and follows number ${state.seq}` };
  const { repository } = timeline.latest.policy;
  if (event.repository !== repository)
    return fault('repository', `is of repository ${event.repository}, this is ${repository}`);
  if (verification.status === 'unknown-key')
    return fault('signature', `is signed by ${verification.keyId}, which was not in the policy at that place`);
  if (verification.status === 'bad') return fault('signature', `has a bad signature: ${verification.reason}`);
  if (verification.key !== key) return fault('signature', `says ${key} and is signed by ${verification.key}`);
  return event.type === 'policy'
    ? judgePolicyEvent(state, event, { timeline, fault })
    : judgeDeed(state, event, { timeline, fault });
}

/**
 * Why an event that was good in its place does not count any more: its key was revoked from there on. It stays a link of the
 * chain, so that what others did after it stands.
 *
 * A version of the policy counts by its own signatures, and a repair names only what counts for nothing: both stay.
 */
export function voidReason({ type, seq, key }: AuditEvent, timeline: PolicyTimeline): string | undefined {
  const revocation = type === 'policy' || type === 'repair' ? undefined : timeline.revocation(key, seq);
  return (
    revocation &&
    `event ${seq} does not count: ${key} is ${revocation.reason}, and not believed from event ${revocation.since} on`
  );
}

interface Judging {
  readonly timeline: PolicyTimeline;
  readonly fault: (rule: string, detail: string) => EventFault;
}

function judgePolicyEvent(
  state: LogState,
  event: AuditEvent & { type: 'policy' },
  { timeline, fault }: Judging,
): EventFault | undefined {
  const { version, digest } = event.policy;
  if (version !== state.version + 1)
    return fault('policy', `announces version ${version} of the policy, after version ${state.version}`);
  const announced = timeline.version(version);
  if (announced?.digest !== digest || announced.commit !== event.commit)
    return fault(
      'policy',
      `announces ${digest} in ${event.commit}, version ${version} is ${announced?.digest ?? 'not there'}`,
    );
  const judges = judgingVersions(state, event, timeline);
  const holder = judges.find(({ policy }) => rolesHeld(policy, event.key, {}, ROLES_OF.policy).length > 0);
  if (holder === undefined) return fault('role', `${event.key} is no root of version ${version} or the one before it`);
  return nameFault(event, holder, fault);
}

function judgeDeed(
  state: LogState,
  event: Exclude<AuditEvent, { type: 'policy' }>,
  { timeline, fault }: Judging,
): EventFault | undefined {
  const inForce = timeline.version(state.version);
  if (inForce === undefined) return fault('policy', 'stands before any policy');
  const { policy, digest } = inForce;
  if (event.policy.version !== policy.version || event.policy.digest !== digest)
    return fault(
      'policy',
      `was made under version ${event.policy.version} (${event.policy.digest}), in force was version ${policy.version} (${digest})`,
    );
  const set = eventSet(event);
  if (set !== undefined && !Object.hasOwn(policy.sets, set)) return fault('set', `the policy has no set '${set}'`);
  const wanted = rolesFor(event);
  const scope = { set, environment: eventEnvironment(event) };
  if (rolesHeld(policy, event.key, scope, wanted).length === 0)
    return fault('role', describeMissingRole(policy, event.key, scope, wanted));
  if (!outlivesPolicy(event) && isExpired(policy, Math.floor(Date.parse(event.at) / 1000)))
    return fault(
      'expired',
      `was made at ${event.at}, and version ${policy.version} ran out at ${policy.expires ?? ''}`,
    );
  return nameFault(event, inForce, fault);
}

function rolesHeld(
  policy: PolicyVersion['policy'],
  key: KeyId,
  scope: Scope,
  wanted: readonly Role[],
): readonly Role[] {
  const person = personOf(policy, key);
  return person === undefined ? [] : wanted.filter((role) => holdersOf(policy, role, scope).includes(person));
}

function describeMissingRole(
  policy: PolicyVersion['policy'],
  key: KeyId,
  scope: Scope,
  wanted: readonly Role[],
): string {
  const [role = 'root'] = wanted;
  const who = personOf(policy, key) ?? 'nobody';
  const holders = holdersOf(policy, role, scope).join(', ') || 'nobody';
  const where = scope.set === undefined ? '' : ` for the set '${scope.set}'`;
  return `${who} (${key}) does not have the role '${role}'${where}; version ${policy.version} gives it to ${holders}`;
}

/** The person is what the policy calls the key's holder: nobody else's name can be put there. */
function nameFault(
  { actor, key }: AuditEvent,
  { policy }: PolicyVersion,
  fault: Judging['fault'],
): EventFault | undefined {
  const person = personOf(policy, key);
  return person === actor
    ? undefined
    : fault('actor', `says it is by '${actor}', and ${key} is ${person ?? 'nobody'}'s`);
}
