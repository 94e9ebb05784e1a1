import type { LoggedEvent } from '../audit/logged-event.ts';
import type { Oid } from '../oid.ts';
import { holdersOf, personOf } from '../policy/roles.ts';
import type { Role } from '../policy/schema.ts';
import type { PolicyTimeline, PolicyVersion } from '../policy/timeline.ts';
import type { Verification } from '../signing.ts';
import { isBackup } from '../snapshot/label.ts';
import type { SnapshotTag } from '../snapshot/snapshot-tag.ts';

/** One check of one thing. */
export interface Check {
  /** The rule, short and stable, for programs. See docs/security.md. */
  readonly check: string;
  readonly ok: boolean;
  /** What was found, and what was expected where that differs. */
  readonly detail: string;
}

/** A snapshot's tag, and where the log tells of it. */
export interface SnapshotToJudge {
  readonly snapshot: SnapshotTag;
  readonly ref: string;
  readonly tag: Oid;
  /** `sha256:` of what was signed. */
  readonly payload: string;
  /** The event that tells of this payload, judged and good; undefined if none does. */
  readonly logged: LoggedEvent | undefined;
  /** Against the keys of the policy that was in force at the event's place. */
  readonly verification: Verification;
}

/**
 * Judges a snapshot by its tag, its event, and the policy that was in force there.
 *
 * The one place where it is decided whether a snapshot may be believed: whatever verifies, rolls back, promotes or
 * guards a push asks here. Its content is not looked at.
 *
 * @param logFault - why the log as a whole is not to be believed, if it is not
 */
export function judgeSnapshot(
  judged: SnapshotToJudge,
  { timeline, logFault }: { readonly timeline: PolicyTimeline; readonly logFault: string | undefined },
): readonly Check[] {
  const { snapshot, ref, logged } = judged;
  const event = logged?.event;
  // Without an event the newest policy judges, so that more can be said than that the event is missing.
  const version = (event && timeline.version(event.policy.version)) ?? timeline.latest;
  const { policy } = version;
  return [
    { check: 'ref', ok: true, detail: ref },
    { check: 'format', ok: true, detail: 'canonical, format 1' },
    snapshot.repository === policy.repository
      ? { check: 'repository', ok: true, detail: snapshot.repository }
      : {
          check: 'repository',
          ok: false,
          detail: `signed for repository ${snapshot.repository}, this is ${policy.repository}`,
        },
    policyCheck(snapshot, version),
    Object.hasOwn(policy.sets, snapshot.set)
      ? { check: 'set', ok: true, detail: snapshot.set }
      : { check: 'set', ok: false, detail: `the policy has no set '${snapshot.set}'` },
    signatureCheck(judged, version, timeline),
    logCheck(judged, logFault),
  ];
}

function policyCheck({ policy: named }: SnapshotTag, { policy, digest }: PolicyVersion): Check {
  return named.version === policy.version && `sha256:${named.digest}` === digest
    ? { check: 'policy', ok: true, detail: `version ${policy.version}, in force when it was taken` }
    : {
        check: 'policy',
        ok: false,
        detail: `taken under version ${named.version} (sha256:${named.digest}), in force was version ${policy.version} (${digest})`,
      };
}

function signatureCheck(
  { snapshot, verification, logged }: SnapshotToJudge,
  { policy }: PolicyVersion,
  timeline: PolicyTimeline,
): Check {
  const fail = (detail: string): Check => ({ check: 'signature', ok: false, detail });
  if (verification.status === 'unknown-key') return fail(`the key ${verification.keyId} is not in the policy`);
  if (verification.status === 'bad') return fail(verification.reason);
  const { key } = verification;
  const person = personOf(policy, key);
  const roles: readonly Role[] = isBackup(snapshot.labels) ? ['snapshotter', 'releaser'] : ['snapshotter'];
  const holds = roles.some((role) => person !== undefined && holdersOf(policy, role, snapshot).includes(person));
  if (!holds) {
    const holders = holdersOf(policy, 'snapshotter', snapshot).join(', ') || 'nobody';
    return fail(
      `good, but ${person ?? 'nobody'} (${key}) does not have the role 'snapshotter'; version ${policy.version} gives it to ${holders}`,
    );
  }
  const revocation = logged && timeline.revocation(key, logged.event.seq);
  if (revocation !== undefined)
    return fail(`good, but ${key} is ${revocation.reason}, and not believed from event ${revocation.since} on`);
  return { check: 'signature', ok: true, detail: `good, by ${person ?? 'nobody'} (${key})` };
}

function logCheck(
  { snapshot, tag, payload, logged, verification }: SnapshotToJudge,
  logFault: string | undefined,
): Check {
  const fail = (detail: string): Check => ({ check: 'log', ok: false, detail });
  if (logFault !== undefined) return fail(logFault);
  if (logged === undefined) return fail(`no event tells of the payload ${payload}`);
  const { event, oid } = logged;
  if (
    event.type !== 'snapshot' ||
    event.set !== snapshot.set ||
    event.snapshot.id !== snapshot.id ||
    event.snapshot.tag !== tag ||
    event.manifest !== `sha256:${snapshot.manifest}` ||
    (event.backup === true) !== isBackup(snapshot.labels)
  ) {
    return fail(`event ${event.seq} tells of another tag`);
  }
  if (verification.status === 'good' && verification.key !== event.key)
    return fail(`event ${event.seq} is by ${event.key}, the tag by ${verification.key}`);
  return { check: 'log', ok: true, detail: `event ${event.seq}, ${oid}` };
}
