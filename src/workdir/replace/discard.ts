import { renameSync } from 'node:fs';
import type { ByteString } from '../../core/byte-string.ts';
import type { BytePath } from '../../core/entry.ts';
import type { Oid } from '../../core/oid.ts';
import type { Journal, JournalStep } from '../../core/rollback/journal.ts';
import { STAGING_PREFIX, type StayingDirectory } from '../../core/rollback/port.ts';
import type { FileStat } from '../../core/workdir.ts';
import { fileKey, writersOf } from '../programs/writers-of.ts';
import { at, dirOf, isSystemError, lstat, sync } from './disk.ts';
import { holdsBlob } from './holds-blob.ts';
import { LastReading, PASSES } from './last-reading.ts';
import { isOlder, sameContent } from './marks.ts';
import type { Rescue } from './rescue.ts';
import { walkFiles } from './tree.ts';

/** What is about to go with a replacement that is complete, in one direction or the other. */
export interface Discard {
  /** Where it is. */
  readonly directory: ByteString;
  /** What was read of it, so that it is known what may go. */
  readonly reading: LastReading;
}

/** Reads the old files, and keeps those whose content is not what the backup has: somebody wrote to them since, or unseen. */
export function readOld({ staging, steps }: Journal, rescue: Rescue): Discard {
  const removed = new Map<number, ReadonlyMap<BytePath, Oid>>();
  const storedIn = (n: number, was: readonly { path: BytePath; oid: Oid }[]) => {
    const known = removed.get(n) ?? new Map(was.map(({ path, oid }) => [path, oid]));
    removed.set(n, known);
    return known;
  };
  const whose = (place: BytePath) => {
    const { n, below } = numberOf(place);
    const step = steps[n];
    return { n, step, path: step === undefined ? undefined : pathOf(step, below) };
  };
  const reading = new LastReading(`${staging}/old`, {
    keep: ({ file, path: place }) => {
      const { n, step, path } = whose(place);
      if (path === undefined || (step?.kind !== 'replace' && step?.kind !== 'remove')) return undefined;
      const oid = step.kind === 'replace' ? step.oid : storedIn(n, step.was).get(path);
      return oid !== undefined && holdsBlob(file, oid) ? undefined : rescue.keep(file, path);
    },
    keepOpen: ({ file, path: place }) => rescue.keepOpen(file, whose(place).path ?? place),
    probe: `${staging}/clock`,
  });
  reading.read();
  return { directory: `${staging}/old`, reading };
}

/** Reads what is left of the new files, and keeps those that somebody wrote to since they were staged. */
export function readNew({ staging, steps, stagedBefore }: Journal, rescue: Rescue): Discard {
  const whose = (place: BytePath) => {
    // Below the directories that steps share.
    const { n, below } = numberOf(place.slice(place.indexOf('/') + 1));
    const step = steps[n];
    return { step, below, path: step === undefined ? place : pathOf(step, below) };
  };
  const reading = new LastReading(`${staging}/new`, {
    keep: ({ file, path: place }) => rescue.keep(file, whose(place).path),
    keepOpen: ({ file, path: place }) => rescue.keepOpen(file, whose(place).path),
    mayGoUnread: (place, stat) => {
      const { step, below } = whose(place);
      return step !== undefined && isUntouched(step, { below, stat, stagedBefore });
    },
    probe: `${staging}/clock`,
  });
  reading.read();
  return { directory: `${staging}/new`, reading };
}

/**
 * Removes what was read. What is written to a file after that is read again; who goes on for long keeps all that is left.
 *
 * @returns where that is if it stays
 */
export function removeRead(
  { directory, reading }: Discard,
  { journal: { staging, operation }, rescue }: { journal: Journal; rescue: Rescue },
): StayingDirectory | undefined {
  try {
    for (let pass = 1; pass <= PASSES; pass++) {
      if (pass > 1) reading.read();
      if (reading.remove()) return undefined;
    }
  } catch (error) {
    // What cannot be read, or kept, must not go either.
    if (!isSystemError(error)) throw error;
  }
  const aside = `${dirOf(staging)}/${STAGING_PREFIX}rescued-${operation}`;
  const path = rescue.takeWhole(directory) ?? putAside(directory, aside);
  return { path, programs: [...writersIn(path)], goesLater: false };
}

/** Gives a directory a name that nobody removes, on the file system where it is. */
export function putAside(directory: ByteString, name: ByteString): ByteString {
  let path = name;
  for (let n = 2; lstat(path) !== undefined; n++) path = `${name}~${n}`;
  renameSync(at(directory), at(path));
  sync(dirOf(path));
  return path;
}

/** Who has a file of a directory open to write to it. */
function writersIn(directory: ByteString): ReadonlySet<ByteString> {
  const keys = new Set<string>();
  walkFiles(directory, (_, _below, stat) => keys.add(fileKey(stat)));
  return new Set([...writersOf(keys).values()].flat());
}

/** What is in place just as it was put there: see the port. */
export function stillAsPut({ root, steps, stagedBefore }: Journal): Map<BytePath, 'whole' | 'permissions'> {
  const found = new Map<BytePath, 'whole' | 'permissions'>();
  for (const step of steps) {
    if (step.kind === 'chmod') {
      if (lstat(`${root}/${step.path}`)?.ino === step.mark.ino) found.set(step.path, 'permissions');
    } else if (step.kind !== 'remove') {
      walkFiles(`${root}/${step.path}`, (_, below, stat) => {
        if (isUntouched(step, { below, stat, stagedBefore })) found.set(pathOf(step, below), 'whole');
      });
    }
  }
  return found;
}

/** Whether nobody wrote to a new file since it was staged. */
function isUntouched(
  step: JournalStep,
  { below, stat, stagedBefore }: { below: BytePath; stat: FileStat } & Pick<Journal, 'stagedBefore'>,
): boolean {
  if (step.kind === 'create' && step.tree) {
    // The files of a directory are not moved when it is, so that their change times still tell.
    return isOlder(stat, stagedBefore);
  }
  if (step.kind !== 'create' && step.kind !== 'replace') return false;
  return below === '' && sameContent(step.mark, stat);
}

/** The number of a step, and what is below its path: a place in the staging area begins with the one. */
function numberOf(place: BytePath): { n: number; below: BytePath } {
  const [number, ...below] = place.split('/');
  return { n: Number(number), below: below.join('/') };
}

function pathOf({ path }: JournalStep, below: BytePath): BytePath {
  return below === '' ? path : `${path}/${below}`;
}
