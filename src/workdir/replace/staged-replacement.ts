import type { BlobToRestore } from '../../core/ports.ts';
import type { JournalHeader } from '../../core/rollback/journal.ts';
import type { ArmedReplacement, StagedReplacement } from '../../core/rollback/port.ts';
import { removeIfThere } from './disk.ts';
import { discardQuietly, explaining } from './explain.ts';
import { journalFile, type Places } from './staging-area.ts';

/** What one layout does that another does otherwise. */
interface Staging<Work> {
  /** Makes room for what is new. */
  readonly make: () => Work;
  /** Writes the journal. */
  readonly arm: (work: Work, header: JournalHeader) => ArmedReplacement;
  /** Removes what {@link make} and {@link arm} made, as far as they got; the journal is gone by then. */
  readonly discard: () => void;
}

/** Begins a replacement, in whatever layout. Where that fails, nothing is left of it. */
export function stagedReplacement<Work extends { readonly blobs: readonly BlobToRestore[] }>(
  places: Places,
  operation: string,
  { make, arm, discard: remove }: Staging<Work>,
): StagedReplacement {
  const discard = () => {
    // A journal that could not be made durable may be there all the same. Nothing has been done by it yet.
    removeIfThere(journalFile(places));
    remove();
  };
  let work: Work;
  try {
    work = make();
  } catch (error) {
    discardQuietly(discard);
    throw error;
  }
  const { set } = places;
  return {
    blobs: work.blobs,
    arm: ({ from, to, startedAtSec, context }) =>
      explaining('conflict', () => arm(work, { operation, set, from, to, startedAtSec, context })),
    discard: () => explaining('conflict', discard),
  };
}
