import { displayBytes } from '../../core/byte-string.ts';
import { type Checkup, ok, wrong } from '../../core/doctor/check.ts';
import type { DirectoryLook, Machine } from '../../core/doctor/port.ts';
import { SnapshotError } from '../../core/errors.ts';
import type { GovernedSet } from '../context.ts';
import { closedCheckup } from './check-places.ts';

/** Whether a rollback may replace what is in the directory of a set, and a snapshot can hold it. */
export async function checkContent(set: GovernedSet, machine: Machine): Promise<Checkup[]> {
  const check = `content of ${set.name}`;
  const writing = `writing ${set.name}`;
  const closed = await machine.closedDirectory({ directory: set.path });
  if (closed !== undefined) return [closedCheckup(writing, closed)];
  try {
    const look = await machine.lookThrough(set);
    return [closedCheckup(writing, look.closed), contentCheckup(check, look)];
  } catch (error) {
    if (!(error instanceof SnapshotError)) throw error;
    return [closedCheckup(writing, undefined), wrong(check, error.message, error.hint ?? 'Check its permissions.')];
  }
}

function contentCheckup(check: string, { unfit: [first, ...others], seen }: DirectoryLook): Checkup {
  if (first === undefined) {
    const those = seen === 'all' ? 'all' : `the first ${seen} entries`;
    return ok(check, `${those} of a kind that a snapshot can hold`);
  }
  const more = others.length === 0 ? '' : `, and ${others.length} more`;
  return wrong(
    check,
    `no snapshot can be taken of '${displayBytes(first.path)}', ${first.reason}${more}`,
    "Remove what is no artifact, or leave it out with '.snapshotignore'.",
  );
}
