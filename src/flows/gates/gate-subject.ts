import { displayBytes } from '../../core/byte-string.ts';
import type { BytePath } from '../../core/entry.ts';
import { DIRECTORY, fileType } from '../../core/entry.ts';
import { SnapshotError } from '../../core/errors.ts';
import type { GateSubject, PassedRehearsal } from '../../core/gates/port.ts';
import { DEFAULT_MAX_AGE } from '../../core/rehearsal/criteria.ts';
import type { Label } from '../../core/snapshot/label.ts';
import type { Context } from '../context.ts';
import { nowSec, sha256Of } from '../context.ts';
import { openLog } from '../log/open-log.ts';
import type { TrustedPolicy } from '../policy/load-policy.ts';
import { countingRehearsals, eventAtSec } from '../rehearsal/past-rehearsals.ts';
import type { CheckResult } from '../results.ts';
import type { SetContent } from '../snapshot/read-set.ts';
import type { StoredSnapshot } from '../snapshot/read-snapshots.ts';
import { checkContent, readContent } from '../verify/check-content.ts';
import { openJudge, requireTrusted } from '../verify/judge-snapshot.ts';

/**
 * A snapshot for gates to look at, verified, every byte of it.
 *
 * @throws {SnapshotError} of kind `untrusted`, with every check that failed
 */
export async function verifiedSubject(
  ctx: Context,
  trusted: TrustedPolicy,
  stored: StoredSnapshot,
): Promise<GateSubject> {
  const judge = await openJudge(ctx, trusted);
  const checks: CheckResult[] = [...(await judge(stored))];
  const content = await readContent(ctx, [stored]);
  checkContent(ctx, [{ snapshot: stored, checks }], content);
  requireTrusted(stored, checks);
  const listed = content.listed.get(stored);
  if (listed === undefined || listed instanceof SnapshotError) throw new Error('what was verified was listed');
  const { set, manifest, labels } = stored.snapshot;
  const empty = { sha256: ctx.digest.sha256(''), size: 0 };
  const entries = listed.entries.map((entry) => ({
    ...entry,
    ...(fileType(entry.mode) === DIRECTORY ? empty : (content.digests.get(entry.oid) ?? empty)),
  }));
  return subjectOf(ctx, {
    set,
    manifest,
    labels,
    entries,
    checks,
    rehearsals: await passedRehearsals(ctx, trusted, stored),
    maxRehearsalAge: trusted.policy.rehearsal?.maxAge ?? DEFAULT_MAX_AGE,
  });
}

async function passedRehearsals(
  ctx: Context,
  trusted: TrustedPolicy,
  { snapshot, payload }: StoredSnapshot,
): Promise<PassedRehearsal[]> {
  const digest = sha256Of(ctx, payload);
  return countingRehearsals(await openLog(ctx, trusted), snapshot.set)
    .filter(({ verdict }) => verdict === 'pass')
    .map((event) => ({
      seq: event.seq,
      ageSec: Math.max(0, nowSec(ctx) - eventAtSec(event)),
      isOfThis: event.snapshot.payload === digest,
    }))
    .reverse();
}

/** Content of a directory whose objects are stored, and which is no snapshot yet. Nothing was checked of it: nothing is signed. */
export function unsignedSubject(
  ctx: Context,
  { set, content, labels }: { set: string; content: SetContent; labels: readonly Label[] },
): GateSubject {
  const { manifest, entries } = content;
  const none = { checks: [], rehearsals: [], maxRehearsalAge: DEFAULT_MAX_AGE };
  return subjectOf(ctx, { set, manifest, labels, entries, ...none });
}

function subjectOf(ctx: Context, { entries, ...rest }: Omit<GateSubject, 'read' | 'checkOut'>): GateSubject {
  const byPath = new Map(entries.map((entry) => [entry.path, entry]));
  return {
    ...rest,
    entries,
    read: async (path: BytePath, maxBytes: number) => {
      const entry = byPath.get(path);
      if (entry === undefined) throw new SnapshotError('not-found', `'${displayBytes(path)}' is not in the snapshot`);
      if (entry.size > maxBytes)
        throw new SnapshotError('gate', `'${displayBytes(path)}' has ${entry.size} bytes, more than ${maxBytes}`);
      return (await ctx.store.readObject(entry.oid)).body;
    },
    checkOut: () => ctx.checkOut(entries),
  };
}
