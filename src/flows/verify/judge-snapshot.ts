import type { LoggedEvent } from '../../core/audit/logged-event.ts';
import { SnapshotError } from '../../core/errors.ts';
import { judgeSnapshot } from '../../core/trust/judge-snapshot.ts';
import type { Context } from '../context.ts';
import { sha256Of } from '../context.ts';
import type { Log } from '../log/open-log.ts';
import { logFault, openLog } from '../log/open-log.ts';
import type { TrustedPolicy } from '../policy/load-policy.ts';
import type { CheckResult } from '../results.ts';
import type { StoredSnapshot } from '../snapshot/read-snapshots.ts';

/** Judges a snapshot by its tag, the policy and the log. Reads none of its content. */
export type JudgeSnapshot = (stored: StoredSnapshot) => Promise<readonly CheckResult[]>;

type Reading = Pick<Context, 'store' | 'digest' | 'verifier' | 'trust' | 'report' | 'nowMs'>;

/** Reads what all judgements need, once, and gives the function that makes them. */
export async function openJudge(ctx: Reading, trusted: TrustedPolicy): Promise<JudgeSnapshot> {
  const log = await openLog(ctx, trusted);
  const timeline = await trusted.timeline();
  const verifier = await ctx.verifier();
  const eventOf = snapshotEvents(log);
  const fault = logFault(log);
  return async ({ snapshot, ref, tag, payload: signed, armor }) => {
    const payload = sha256Of(ctx, signed);
    const logged = eventOf.get(payload);
    const version = (logged && timeline.version(logged.event.policy.version)) ?? timeline.latest;
    const verification = await verifier.verify(signed, armor, await version.keys());
    return judgeSnapshot({ snapshot, ref, tag, payload, logged, verification }, { timeline, logFault: fault });
  };
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
