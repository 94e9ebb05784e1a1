import type { ByteString } from '../byte-string.ts';
import type { BytePath } from '../entry.ts';
import type { BlobToRestore, Progress } from '../ports.ts';
import type { FileStat } from '../workdir.ts';
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
   * Makes what was staged durable, checks that the directory is as it was scanned, and writes the journal: from here on
   * the replacement is either finished or undone, by this process or another.
   *
   * @throws {SnapshotError} of kind `conflict`, naming the paths, if the directory changed since the scan. Then, as on
   *   any other error, nothing in the directory has changed, and {@link discard} is what is left to do
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
  /** The files and links that were put in place and that nobody wrote to since, sorted by path: for the stat cache. */
  liveStats(): readonly { readonly path: BytePath; readonly stat: FileStat }[];
  /**
   * Forgets the old content, save what is not what the plan says it is, whose content therefore no backup has. Reads all
   * that goes. Cannot be undone.
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
  /** Who is at work in it, as `name (process id)`. Empty: somebody who cannot be seen went on writing there; it is not touched again. */
  readonly programs: readonly ByteString[];
}

/** A file that another program wrote while its directory was being replaced, or unseen by the scan before. */
export interface RescuedFile {
  readonly path: BytePath;
  /** Absolute path of where its content now is. */
  readonly keptAs: ByteString;
}
