import { SnapshotError } from '../../core/errors.ts';
import type { Verifying } from '../context.ts';
import type { TrustedPolicy } from '../policy/load-policy.ts';
import type { Log } from './open-log.ts';
import { logFault, openLog } from './open-log.ts';

/** The log, if it is to be believed. @throws {SnapshotError} of kind `untrusted` */
export async function soundLog(ctx: Verifying, trusted: TrustedPolicy): Promise<Log> {
  const log = await openLog(ctx, trusted);
  const fault = logFault(log);
  if (fault === undefined) return log;
  throw new SnapshotError('untrusted', `the audit log is not to be believed: ${fault}`, {
    hint: 'See "git snapshot log --verify" for every finding.',
  });
}
