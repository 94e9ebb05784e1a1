import type { ByteString } from '../byte-string.ts';
import type { BytePath } from '../entry.ts';
import type { LockHolder } from '../rollback/lock-holder.ts';
import type { ReleaseLayout } from '../rollback/releases.ts';

/** A lock file, and how it stands. */
export type LockState = {
  /** Absolute. */
  readonly file: ByteString;
} & ({ readonly state: 'free' | 'stale' | 'unreadable' } | { readonly state: 'held'; readonly holder: LockHolder });

/**
 * What commands write to: the refs, the objects and the records of a repository, the user's own directory, or that of a set,
 * but for what is in it.
 */
export type WrittenPlace = 'refs' | 'objects' | 'records' | 'user' | { readonly directory: BytePath };

/** A directory in which this user may not make anything, and what is in the way. */
export interface ClosedDirectory {
  /** Absolute. */
  readonly path: ByteString;
  readonly because: 'read-only file system' | 'another owner' | 'its mode' | 'no directory';
}

/** What stands in the directory of a set that commands would fail at. */
export interface DirectoryLook {
  readonly closed: ClosedDirectory | undefined;
  /** What no snapshot can hold, relative to the set, and why, as a noun phrase. */
  readonly unfit: readonly { readonly path: BytePath; readonly reason: string }[];
  /** How many entries were looked at before that was enough. */
  readonly seen: number | 'all';
}

/** A file or directory of the user's that others may read or change, and should not. */
export interface OpenToOthers {
  readonly path: string;
  readonly may: 'read' | 'change';
  /** What its permission bits should be. */
  readonly mode: number;
}

/** What a checkup asks of the machine. Nothing of it changes anything. */
export interface Machine {
  /** `v20.20.2`. */
  readonly nodeVersion: string;
  /** What `git --version` says after `git version `. */
  gitVersion(): Promise<string>;
  /** `sha1` or `sha256`. */
  readonly objectFormat: string;
  readonly isShallow: boolean;
  /** The whole configuration of git: keys as git spells them, values in order, the last one counts. */
  config(): Promise<ReadonlyMap<string, readonly string[]>>;
  /** Bytes that may still be written on the file system of a place, or of the closest directory above it. */
  freeBytes(place: WrittenPlace): Promise<number>;
  /** The first directory in a place in which nothing can be made; where there is none yet, the one that it would be made in. */
  closedDirectory(place: WrittenPlace): Promise<ClosedDirectory | undefined>;
  /**
   * Looks through the directory of a set that is laid out as the policy says, without reading any file.
   *
   * @throws {SnapshotError} where its rules cannot be read, with which a scan ends, too
   */
  lookThrough(set: { readonly path: BytePath; readonly exclude: readonly string[] }): Promise<DirectoryLook>;
  /** Whether somebody has signed here: this user has a directory for keys, or this clone has events of its own. */
  hasSigned(): Promise<boolean>;
  /** What is too open of the keys, pins and memory of this user. */
  openToOthers(): Promise<readonly OpenToOthers[]>;
  /**
   * Whether a set's directory is laid out as the policy says: a real one, or with `inReleases` possibly a link to a release.
   *
   * @returns undefined for a real directory, or where nothing is
   * @throws {SnapshotError} where it is laid out otherwise: what every command of the set ends with
   */
  linkedRelease(path: BytePath, inReleases: boolean): Promise<ByteString | undefined>;
  /** Whether anything is where the directory of a set should be. */
  isThere(path: BytePath): Promise<boolean>;
  /** Releases of a set that are more than it keeps, and the programs at work in each, as `name (process id)`. */
  surplusReleases(set: {
    readonly name: string;
    readonly path: BytePath;
    readonly releases: ReleaseLayout;
  }): Promise<readonly { readonly path: ByteString; readonly programs: readonly ByteString[] }[]>;
  /** Whether git leaves a path of the working tree out, as it is now: a link is no directory to git. */
  isIgnored(path: BytePath): Promise<boolean>;
  /** How the lock of a set stands. A `stale` one is of a process that is gone: the next command takes it over. */
  lock(set: string): Promise<LockState>;
  /** Whether the stat cache of a set can be believed: a scan is quick then. */
  cache(set: string): Promise<'usable' | 'absent' | 'unusable'>;
}
