import { renameSync } from 'node:fs';
import type { ByteString } from '../../core/byte-string.ts';
import { STAGING_PREFIX, type StayingDirectory } from '../../core/rollback/port.ts';
import { mountsBelow } from '../replace/check-directory.ts';
import { putAside } from '../replace/discard.ts';
import { at, dirOf, sync } from '../replace/disk.ts';
import { LastReading, PASSES } from '../replace/last-reading.ts';
import { hasContent } from '../replace/marks.ts';
import type { Rescue } from '../replace/rescue.ts';
import type { Places } from '../replace/staging-area.ts';
import { programsIn } from './programs-in.ts';
import { removeRecord } from './records.ts';
import { isSameInLive, isWritten, type Known } from './written-since.ts';

/** A release that is to go. */
export interface OldRelease extends Omit<Known, 'readAll'> {
  readonly name: ByteString;
  /** Absolute path of where it is now. */
  readonly directory: ByteString;
  readonly rescue: Rescue;
}

/**
 * Takes from a release its name, so that nobody finds it any more, reads it, and keeps what was written there. What has
 * the name of a release is always whole.
 *
 * @param leaving - where it is to be: see {@link leavingDirectory}
 * @returns removes it, and says where it is if it stays. Left undone, the next switch finds it
 */
export function retireRelease(
  places: Places,
  release: OldRelease,
  leaving: ByteString,
): () => StayingDirectory | undefined {
  const { directory, record, beside, rescue } = release;
  if (directory !== leaving) {
    renameSync(at(directory), at(leaving));
    sync(dirOf(leaving));
  }
  const known = { record, beside, readAll: true };
  const reading = new LastReading(leaving, {
    keep: (found) => (isWritten(found, known) ? rescue.keep(found.file, found.path) : undefined),
    mayGoUnread: (path, stat) => !hasContent(stat) || (!record.content.has(path) && isSameInLive(path, stat, beside)),
    probe: `${leaving}-clock`,
  });
  reading.read();
  return () => removeLeaving(places, { ...release, directory: leaving }, reading);
}

/** Removes it, file by file, each only as long as it is as it was read; and reads again what is not. */
function removeLeaving(
  places: Places,
  { name, directory, beside, rescue }: OldRelease,
  reading: LastReading,
): StayingDirectory | undefined {
  for (let pass = 1; pass <= PASSES; pass++) {
    if (pass > 1) reading.read();
    if (mountsBelow(directory).length > 0) return undefined;
    // A file that is open can be written to when it has no name any more, and nobody would know.
    const programs = programsIn(directory, beside);
    if (programs.length > 0) return { path: directory, programs, goesLater: true };
    if (!reading.remove()) continue;
    removeRecord(places, name);
    return undefined;
  }
  const leavingName = directory.slice(dirOf(directory).length + 1);
  const aside = `${dirOf(directory)}/rescued-${leavingName.slice(STAGING_PREFIX.length)}`;
  const path = rescue.takeWhole(directory) ?? putAside(directory, aside);
  removeRecord(places, name);
  return { path, programs: [], goesLater: false };
}
