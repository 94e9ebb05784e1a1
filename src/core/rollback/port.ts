import type { ByteString } from '../byte-string.ts';
import type { BytePath } from '../entry.ts';
import type { BlobToRestore, Progress } from '../ports.ts';
import type { JournalHeader } from './journal.ts';
import type { LockHolder } from './lock-holder.ts';
import type { RollbackPlan } from './plan.ts';

/**
 * How names begin that a replacement may make at the top of the set's directory while it is under way, where the
 * staging area can be nowhere else. Scans leave such names out, and no snapshot holds them.
 */
export const STAGING_PREFIX = '.git-snapshot-';

/**
 * Replaces the content of one set's directory so that a crash at any instant can be finished or undone.
 *
 * The order is in the types: `lock` → `stage` → (write the blobs) → `arm` → `apply` → (verify) → `finish` or `revert`.
 */
export interface DirectoryReplacer {
  /**
   * The replacement that was begun and neither finished nor undone, and who is at work on it; undefined if there is none.
   * Only looks, and needs no lock.
   *
   * @throws {SnapshotError} of kind `unfinished` if its journal cannot be read
   */
  unfinished(): UnfinishedReplacement | undefined;
  /**
   * Who has the lock of the set: at work on a replacement, or about to begin one, or just done with it. Undefined where nobody
   * has, or somebody who is gone. Only looks.
   */
  holder(): LockHolder | undefined;
  /**
   * Makes this process the only one that may change the set's directory. The lock of a process that died is taken over.
   *
   * @throws {SnapshotError} of kind `conflict` if another process has it
   */
  lock(): DirectoryLock;
}

/** A replacement that was begun and has not ended. */
interface UnfinishedReplacement extends JournalHeader {
  /** Who is at work on it; undefined where it was interrupted, so that somebody has to finish or to undo it. */
  readonly heldBy: LockHolder | undefined;
}

/** Held until `release`. */
export interface DirectoryLock {
  /**
   * The unfinished replacement, ready to go on or to be undone; undefined if there is none. What a process that died
   * before its replacement began has left in a staging area is removed.
   */
  pending(): ArmedReplacement | undefined;
  /**
   * What of the paths that a plan changes is not as the scan found it. Only looks.
   *
   * @throws {SnapshotError} of kind `conflict` where something else stands in the place of a directory
   */
  changedSince(plan: RollbackPlan): ReadonlySet<BytePath>;
  /**
   * Removes what replacements before had to leave, since programs were at work in it, where none is any more. To be called
   * while nothing is pending.
   *
   * @param operation - random, as of a {@link StageRequest}: names what is kept of it
   */
  clearUp(operation: string): Rescued;
  /** Whether even a plan without a step changes something: the directory is not laid out yet as its layout asks. */
  mustConvert(): boolean;
  /**
   * Makes a staging area for a plan. Nothing in the directory changes.
   *
   * @throws {SnapshotError} of kind `conflict` if the plan has conflicts, crosses a mount point or would fill the disk;
   *   of kind `unfinished` if another replacement is pending
   */
  stage(request: StageRequest): StagedReplacement;
  /** Idempotent. */
  release(): void;
}

/** What is to be staged. */
export interface StageRequest {
  readonly plan: RollbackPlan;
  /** Random, 8 to 64 hexadecimal digits. */
  readonly operation: string;
}

/** The staging area is there, and empty. */
export interface StagedReplacement {
  /** What must be written before {@link arm}, by `GitStore.restoreBlobs`. */
  readonly blobs: readonly BlobToRestore[];
  /**
   * Makes what was staged durable and writes the journal: from here on the replacement is either finished or undone, by this
   * process or another. What programs have written in the directory since the scan is kept when it goes.
   *
   * @throws {SnapshotError} of kind `conflict`. Then nothing in the directory has changed, and {@link discard} is what is
   *   left to do
   */
  arm(header: Omit<JournalHeader, 'operation' | 'set'>): ArmedReplacement;
  /** Removes the staging area. */
  discard(): void;
}

/** The journal is written. Both ways are open, from whatever state the directory is in, any number of times. */
export interface ArmedReplacement {
  readonly journal: JournalHeader;
  /**
   * Brings the directory to the new state; durable when it returns. Can be repeated after an error.
   *
   * @throws {SnapshotError} of kind `unfinished`
   */
  apply(progress?: Progress): Promise<AppliedReplacement>;
  /**
   * Brings the directory to the old state and forgets the replacement. Can be repeated after an error.
   *
   * @throws {SnapshotError} of kind `unfinished`
   */
  revert(progress?: Progress): Promise<Rescued>;
}

/** The directory has the new content; the old one is still kept. */
export interface AppliedReplacement {
  readonly journal: JournalHeader;
  /**
   * What is in place just as this replacement put it there: whatever it holds, no other program has written it. By path, of
   * files and links: all of one, or of one that was left where it was its permissions alone.
   */
  stillAsPut(): ReadonlyMap<BytePath, 'whole' | 'permissions'>;
  /**
   * The programs that have one of these files open to write to it; where none has, those at work in the directory, but for
   * those that started this one. Each as `name (process id)`; none where they cannot be seen.
   *
   * @param paths - of the set
   */
  programsAt(paths: readonly BytePath[]): readonly ByteString[];
  /**
   * Forgets the old content, save what is not what the plan says it is, whose content therefore no backup has, and what a
   * program has open to write to it. Reads all that goes. Cannot be undone.
   */
  finish(): Rescued;
  /** See {@link ArmedReplacement.revert}. */
  revert(progress?: Progress): Promise<Rescued>;
}

/** What other programs wrote while their directory was being replaced, or after. */
export interface Rescued {
  readonly files: readonly RescuedFile[];
  /** Old content that should have gone, and did not: what programs write there would have gone with it. */
  readonly stays: readonly StayingDirectory[];
}

/** A directory of old content that stays for now. */
export interface StayingDirectory {
  /** Absolute path. */
  readonly path: ByteString;
  /** Who is at work in it, as `name (process id)`. Empty: they cannot be seen. */
  readonly programs: readonly ByteString[];
  /** Whether a later replacement removes it, once nobody is at work in it; else it is not touched again. */
  readonly goesLater: boolean;
}

/** A file that another program wrote while its directory was being replaced, or unseen by the scan before, or may yet write to. */
export interface RescuedFile {
  readonly path: BytePath;
  /** Absolute path of where its content now is. */
  readonly keptAs: ByteString;
  /** Who goes on writing to it there, as `name (process id)`, as far as can be seen. */
  readonly programs: readonly ByteString[];
}
