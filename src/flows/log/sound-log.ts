import { SnapshotError } from '../../core/errors.ts';
import { isoTime } from '../../core/retention/iso-time.ts';
import type { Verifying } from '../context.ts';
import type { TrustedPolicy } from '../policy/load-policy.ts';
import { TIME_RULE } from './log-walk.ts';
import type { Log } from './open-log.ts';
import { logFault, openLog } from './open-log.ts';

/** The log, if it is to be believed. @throws {SnapshotError} of kind `untrusted` */
export async function soundLog(ctx: Verifying, trusted: TrustedPolicy): Promise<Log> {
  const log = await openLog(ctx, trusted);
  const fault = logFault(log);
  if (fault === undefined) return log;
  throw new SnapshotError('untrusted', `the audit log is not to be believed: ${fault}`, {
    hint: wayToMend(log, ctx.nowMs()),
  });
}

/** What to do about a log that is not to be believed. Of all that can be wrong with it, an event mends only what somebody wrote on it. */
export function wayToMend(
  { tip, findings, unaccounted }: Pick<Log, 'tip' | 'findings' | 'unaccounted'>,
  nowMs: number,
): string {
  if (tip === null) return 'Bring the ref back from a clone; do not go on until you know who removed it.';
  const clock = clockHint(findings, nowMs);
  if (clock !== undefined) return clock;
  const see = 'See "git snapshot log --verify" for every finding.';
  const canMend = findings.every(({ object }) => unaccounted.includes(object));
  return canMend ? `${see} Once you know who did it, an auditor mends it with "git snapshot log repair".` : see;
}

/** What to do where some of what is wrong is an event from the future; undefined where none is. */
export function clockHint(findings: Log['findings'], nowMs: number): string | undefined {
  return findings.some(({ rule }) => rule === TIME_RULE) ? hintToSetClock(nowMs) : undefined;
}

/** What to do about an event from the future: nothing is wrong with the log where it is this clock that is. */
export function hintToSetClock(nowMs: number): string {
  return `It is ${isoTime(Math.floor(nowMs / 1000))} by the clock of this machine. If that is wrong, set it, and all is well; if it is right, see "When a clock was wrong" in docs/operations.md.`;
}
