import type { LoggedEvent } from '../../core/audit/logged-event.ts';
import { SnapshotError } from '../../core/errors.ts';
import type { PolicyVersion } from '../../core/policy/timeline.ts';
import type { Verification } from '../../core/signing.ts';
import { judgeSnapshot } from '../../core/trust/judge-snapshot.ts';
import type { Context } from '../context.ts';
import { sha256Of } from '../context.ts';
import type { Log } from '../log/open-log.ts';
import { logFault, openLog } from '../log/open-log.ts';
import type { TrustedPolicy } from '../policy/load-policy.ts';
import type { CheckResult } from '../results.ts';
import type { StoredSnapshot } from '../snapshot/read-snapshots.ts';

/**
 * Judges a snapshot by its tag, the policy and the log. Reads none of its content.
 *
 * @param checked - its signature, where that was checked before; it counts if it was checked by the version that judges
 */
export type JudgeSnapshot = (stored: StoredSnapshot, checked?: CheckedSignature) => Promise<readonly CheckResult[]>;

/** A tag's signature, checked against the keys of a version of the policy. */
export interface CheckedSignature {
  readonly version: PolicyVersion;
  readonly verification: Verification;
}

/**
 * Checks signatures before the log is read, each by the version that its tag names: in a sound repository the log has its
 * event under the same one.
 */
export async function openSignatureCheck(
  ctx: Pick<Context, 'verifier'>,
  trusted: TrustedPolicy,
): Promise<(stored: StoredSnapshot) => Promise<CheckedSignature>> {
  const timeline = await trusted.timeline();
  const verifier = await ctx.verifier();
  return async ({ snapshot, payload, armor }) => {
    const version = timeline.version(snapshot.policy.version) ?? timeline.latest;
    return { version, verification: await verifier.verify(payload, armor, await version.keys()) };
  };
}

type Reading = Pick<Context, 'store' | 'digest' | 'verifier' | 'trust' | 'report' | 'nowMs'>;

/** Reads what all judgements need, once, and gives the function that makes them. */
export async function openJudge(ctx: Reading, trusted: TrustedPolicy): Promise<JudgeSnapshot> {
  const log = await openLog(ctx, trusted);
  const timeline = await trusted.timeline();
  const verifier = await ctx.verifier();
  const eventOf = snapshotEvents(log);
  const fault = logFault(log);
  return async ({ snapshot, ref, tag, payload: signed, armor }, checked) => {
    const payload = sha256Of(ctx, signed);
    const logged = eventOf.get(payload);
    const version = (logged && timeline.version(logged.event.policy.version)) ?? timeline.latest;
    const verification =
      checked?.version === version ? checked.verification : await verifier.verify(signed, armor, await version.keys());
    const logFault = fault ?? removalFault(log, snapshot);
    return judgeSnapshot({ snapshot, ref, tag, payload, logged, verification }, { timeline, logFault });
  };
}

/** What was removed does not count again because somebody brings its ref back. */
export function removalFault(
  { retention }: Pick<Log, 'retention'>,
  { set, id }: { readonly set: string; readonly id: string },
) {
  const place = retention.fate(set, id)?.place ?? 'kept';
  if (place === 'kept') return undefined;
  return place === 'trash'
    ? 'by the log it is in the trash: see "git snapshot undelete"'
    : `by the log it was ${place}`;
}

/** The events that tell of snapshots, by the digest of what was signed. One that was signed anew is told of again: the last counts. */
function snapshotEvents({ events }: Pick<Log, 'events'>): ReadonlyMap<string, LoggedEvent> {
  const found = new Map<string, LoggedEvent>();
  for (const logged of events) {
    if (logged.event.type !== 'snapshot') continue;
    found.set(logged.event.snapshot.payload, logged);
  }
  return found;
}

/** Every check that failed, as one line; undefined if none did. */
export function failedChecks(checks: readonly CheckResult[]): string | undefined {
  const failed = checks.filter(({ ok }) => !ok);
  return failed.length === 0 ? undefined : failed.map(({ check, detail }) => `${check}: ${detail}`).join('; ');
}

/** @throws {SnapshotError} of kind `untrusted`, with every check that failed */
export function requireTrusted(stored: StoredSnapshot, checks: readonly CheckResult[]): void {
  const reasons = failedChecks(checks);
  if (reasons === undefined) return;
  throw new SnapshotError('untrusted', `snapshot '${stored.snapshot.id}' is not to be trusted: ${reasons}`, {
    hint: `Nothing was changed. Run "git snapshot verify ${stored.snapshot.id}" for all checks, or choose another with "git snapshot list".`,
  });
}
