import type { ByteString } from './byte-string.ts';
import type { BytePath, Entry } from './entry.ts';
import type { Oid } from './oid.ts';

/** What a stat cache compares. Nanoseconds as bigint would be slow for 100,000 files: seconds and nanoseconds apart. */
export interface FileStat {
  readonly ctimeSec: number;
  readonly ctimeNsec: number;
  readonly mtimeSec: number;
  readonly mtimeNsec: number;
  readonly dev: number;
  readonly ino: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly mode: number;
  readonly nlink: number;
}

/** An entry as a scan found it. */
export interface ScannedEntry {
  readonly path: BytePath;
  readonly mode: number;
  readonly stat: FileStat;
  /** The same entry with its content, where the stat cache vouches for that. To be handed back as it is. */
  readonly known: CachedEntry | undefined;
}

/** A path that was left out, and the rule that says so. */
export interface ExcludedPath {
  readonly path: BytePath;
  readonly directory: boolean;
  /** The pattern, and where it stands: `policy` or the ignore file's path in the set. */
  readonly pattern: string;
  readonly source: string;
}

/** Something in the directory that no snapshot can hold. */
export interface UnfitPath {
  readonly path: BytePath;
  /** A noun phrase: "a socket", "a link that …". */
  readonly what: string;
}

/** What of a directory is in no snapshot of it. */
export interface LeftOut {
  readonly excluded: readonly ExcludedPath[];
  readonly unfit: readonly UnfitPath[];
}

/**
 * What becomes of what no snapshot can hold. `refuse`: the scan fails, and lists it. `leave-alone`: it is told of beside the
 * entries, and what cannot be read is refused still. `leave-unread`: that, too, is told of.
 */
export type UnfitHandling = 'refuse' | 'leave-alone' | 'leave-unread';

/** The state that the stat cache describes: a snapshot whose ref keeps all its objects alive. */
export interface Baseline {
  /** Object name of the snapshot's tag. */
  readonly tag: Oid;
  readonly tree: Oid;
  /** SHA-256 of the manifest. */
  readonly manifest: string;
  readonly files: number;
  readonly bytes: number;
}

/** A state of the directory that the stat cache knows. */
export interface CachedState {
  readonly baseline: Baseline;
  /** Sorted by path. */
  readonly entries: readonly Entry[];
  /** The tree of every directory in it; `''` is the root. */
  readonly trees: ReadonlyMap<BytePath, Oid>;
}

/** What a directory holds now. */
export type Scan =
  | {
      /** Not one entry differs from the baseline. */
      readonly outcome: 'unchanged';
      readonly baseline: Baseline;
      readonly unfit: readonly UnfitPath[];
    }
  | {
      readonly outcome: 'scanned';
      /** Every entry, sorted by path. */
      readonly entries: readonly ScannedEntry[];
      /** What the cache knows of the state that it describes, which is not what the directory holds now; undefined without a cache. */
      readonly cached: CachedState | undefined;
      readonly excluded: readonly ExcludedPath[];
      /** What no snapshot can hold, if that is not refused. Nothing below it was looked at. */
      readonly unfit: readonly UnfitPath[];
      /** Whether the directory itself exists. A missing one has no entries. */
      readonly exists: boolean;
    };

/** The directory of one set in one working tree. */
export interface Workdir {
  /** Absolute path of the directory. Of a set in releases: of the one that the last scan looked at, with no link in it. */
  readonly root: ByteString;
  /**
   * Whether there is a directory, empty or not.
   *
   * @throws {SnapshotError} of kind `config` where something else is in its place
   */
  exists(): boolean;
  /**
   * Looks at every entry, reading no content.
   *
   * @param options.baselineAlive - whether the ref of the snapshot that the stat cache describes is still there;
   *   without it the cache is not used, since the objects that it names may be gone
   * @param options.full - list all entries even if nothing changed, and what is excluded
   * @param options.unfit - default: `refuse`
   * @throws {SnapshotError} listing every path that cannot be in a snapshot, each with its reason
   */
  scan(options: { baselineAlive: (tag: Oid) => boolean; full: boolean; unfit?: UnfitHandling }): Promise<Scan>;
  /**
   * Which of these entries are in the directory exactly as they are given, though rules leave them out of the scan: where the
   * last scan looked, read from the disk, byte by byte. Links are not followed; of an empty directory, that there is one.
   */
  holds(entries: readonly Pick<Entry, 'path' | 'mode' | 'oid'>[]): ReadonlySet<BytePath>;
  /**
   * What of these paths the policy's rules and other ignore files than those on the disk leave out.
   *
   * @param ignoreFiles - the content of each, by its path
   */
  leftOutBy(
    ignoreFiles: ReadonlyMap<BytePath, ByteString>,
    entries: readonly { readonly path: BytePath; readonly mode: number }[],
  ): Promise<ReadonlySet<BytePath>>;
  /**
   * The same directory, for a new look at it: as if it had just been opened, but for what was read of the stat cache.
   * What is saved through it is vouched for from its own first scan on.
   */
  reopen(): Workdir;
  /**
   * SHA-256 of the manifest of these entries. Of those that come from the stat cache, as they are, it has the lines at hand.
   *
   * @param entries - sorted by path
   */
  digestManifest(entries: readonly Omit<Entry, 'oid'>[]): string;
  /**
   * Remembers that the directory, as scanned and ingested, is the content of `baseline`.
   * Entries are sorted by path; those that a scan knew cost least if they are the same objects.
   * What changed since the scan began is not vouched for. A failure to write the cache is not an error.
   */
  saveBaseline(baseline: Baseline, entries: readonly CachedEntry[], trees: ReadonlyMap<BytePath, Oid>): Promise<void>;
  /**
   * Remembers which snapshot the directory should be, by its tag, whatever it holds now: what was last taken from all of
   * it or put into all of it. The stat cache may describe another. A failure to write this is not an error.
   *
   * @returns whether it could
   */
  setExpected(snapshot: Oid): Promise<boolean>;
  /** The tag of the snapshot that the directory should be, or undefined if none was set or it cannot be read. */
  readExpected(): Promise<Oid | undefined>;
  /** Removes the stat cache, and with it the names of files. What the directory should be stays known. */
  dropCache(): Promise<void>;
}

/** An entry with the stat that goes with its content. */
export interface CachedEntry extends Entry {
  readonly stat: FileStat;
}

/** A tracked path whose stat no longer agrees with an index file. */
export interface IndexDifference {
  readonly path: BytePath;
  /** Gone, or no longer a file or link. */
  readonly deleted: boolean;
}

/** Lets git compare an index file of ours with a directory: the fastest stat of many files there is. */
export interface IndexScanner {
  /** Every entry of the index `indexFile` whose stat differs from the file's below `root`. Reads no content, runs no filter or hook. */
  differences(indexFile: ByteString, root: ByteString): Promise<IndexDifference[]>;
}
