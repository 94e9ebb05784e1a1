import { displayBytes } from '../../core/byte-string.ts';
import { type Checkup, ok, wrong } from '../../core/doctor/check.ts';
import type { ClosedDirectory, Machine, WrittenPlace } from '../../core/doctor/port.ts';
import { quoteForShell } from '../../core/shell-words.ts';

/** What is written to, whatever the command. */
const PLACES = {
  refs: 'writing refs',
  objects: 'writing objects',
  records: 'writing records',
  user: 'user directory',
} as const satisfies Partial<Record<Extract<WrittenPlace, string>, string>>;

/** An event, its objects and its refs take no more. */
const LEAST_BYTES = 1 << 20;

/** Whether commands can write to the repository and to what this user has outside of it, and others cannot write to the latter. */
export async function checkPlaces(machine: Machine): Promise<Checkup[]> {
  const found: Checkup[] = [];
  for (const [place, check] of Object.entries(PLACES) as [keyof typeof PLACES, string][]) {
    found.push(closedCheckup(check, await machine.closedDirectory(place)));
  }
  const open = await machine.openToOthers();
  found.push(
    ...(open.length === 0 ? [ok('private files', 'nobody else may read keys or change what is trusted')] : []),
    ...open.map(({ path, may, mode }) =>
      wrong(
        'private files',
        `others may ${may} '${path}'`,
        `Run "chmod ${mode.toString(8)} ${quoteForShell(path)}", and think about who may have used it.`,
      ),
    ),
    await roomToRecord('room for records', machine, 'records'),
    await roomToRecord('room for trust', machine, 'user'),
  );
  return found;
}

/** Whether this user may write somewhere. */
export function closedCheckup(check: string, closed: ClosedDirectory | undefined): Checkup {
  if (closed === undefined) return ok(check, 'this user may write there');
  const path = displayBytes(closed.path);
  return wrong(check, `nothing can be made in '${path}': ${REASONS[closed.because]}`, hintFor(closed));
}

const REASONS: Readonly<Record<ClosedDirectory['because'], string>> = {
  'read-only file system': 'its file system is read-only',
  'another owner': 'another user owns it',
  'its mode': 'its mode does not let its owner do so',
  'no directory': 'it is no directory',
};

function hintFor({ path, because }: ClosedDirectory): string {
  const quoted = quoteForShell(displayBytes(path));
  switch (because) {
    case 'read-only file system':
      return 'Mount it for writing, or work where it is: a command that records anything fails here.';
    case 'another owner':
      return `If it is to be yours: sudo chown -R "$(id -un)" ${quoted}`;
    case 'its mode':
      return `Run: chmod -R u+rwX ${quoted}`;
    case 'no directory':
      return 'Move it away: a directory belongs there.';
  }
}

async function roomToRecord(check: string, machine: Machine, place: WrittenPlace): Promise<Checkup> {
  return (await machine.freeBytes(place)) < LEAST_BYTES
    ? wrong(check, 'the disk is full: less than 1 MiB is free', 'Make room: until then no command can record anything.')
    : ok(check, 'the disk is not full');
}
