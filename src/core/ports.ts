import type { ByteString } from './byte-string.ts';
import type { BytePath, Entry } from './entry.ts';
import type { ObjectFormat, ObjectType, Oid } from './oid.ts';

/** A ref and what it names, unpeeled. */
export interface Ref {
  readonly name: string;
  readonly oid: Oid;
}

/** Moves one ref. `from: null` means "must not exist yet"; `to: null` means "delete". */
export interface RefUpdate {
  readonly name: string;
  readonly from: Oid | null;
  readonly to: Oid | null;
}

/** An object, whole. `body` is what follows git's `<type> <size>\0` header. */
export interface GitObject {
  readonly oid: Oid;
  readonly type: ObjectType;
  readonly body: ByteString;
}

/** What git knows of an object without reading it whole. */
export interface ObjectDescription {
  readonly type: ObjectType;
  readonly size: number;
}

/** What hashing a blob's content found. */
export interface BlobDigest {
  readonly sha256: string;
  readonly size: number;
}

/** Tells how far a long operation is. Both numbers in the same unit; called at most some times a second. */
export type Progress = (done: number, total: number) => void;

/** The read half: all that verification needs of a repository. */
interface ObjectReader {
  readonly format: ObjectFormat;
  /**
   * Reads one object and checks that its bytes have that name.
   * For tags, commits, trees and small blobs: it is held in memory whole.
   *
   * @throws {MissingObjectError} if the repository lacks it
   * @throws {MalformedError} if the bytes hash to another name
   */
  readObject(oid: Oid): Promise<GitObject>;
  /** Reads many, in the order asked for, in one pass. Same checks and errors as {@link readObject}. */
  readObjects(oids: readonly Oid[]): Promise<GitObject[]>;
  /** Type and size of each of these that the repository has, without reading them. Those it lacks are not in the map. */
  describeObjects(oids: readonly Oid[]): Promise<ReadonlyMap<Oid, ObjectDescription>>;
  /**
   * Reads blobs of any size in constant memory, checks each against its name, and gives their SHA-256.
   * What is missing, is no blob, or hashes to another name is in `faults` and not in `digests`.
   */
  digestBlobs(
    oids: readonly Oid[],
    progress?: Progress,
  ): Promise<{ digests: ReadonlyMap<Oid, BlobDigest>; faults: ReadonlyMap<Oid, string> }>;
  /** Refs below `prefix` (which ends in `/`) or the one ref of that very name, sorted by name. Broken and symbolic refs too. */
  listRefs(prefix: string): Promise<Ref[]>;
  /** What a ref names, or null. */
  readRef(name: string): Promise<Oid | null>;
  /** The commits from `tip` to its root by first parent, oldest first; stops with an error at a missing one. */
  listChain(tip: Oid): Promise<Oid[]>;
}

/** A file of the working directory that is to be hashed, and stored unless `store` is false. */
export interface FileToIngest {
  readonly path: BytePath;
  /** The name it had when it was last stored: not written again if it still has it. */
  readonly knownOid?: Oid | undefined;
}

/** What the ingest read, with the stat of the very descriptor that it read from. */
export interface IngestedFile {
  readonly path: BytePath;
  readonly oid: Oid;
  readonly sha256: string;
  readonly size: number;
  readonly mode: number;
  readonly stat: FileStat;
}

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

/**
 * Puts a directory's content into the object database: files first, then the trees over them.
 * Nothing is visible in the repository until {@link finish}; without it, nothing stays behind.
 */
export interface Ingest {
  /**
   * Reads, hashes (git's name and SHA-256) and stores files and symbolic links, in any order.
   * Never follows a symbolic link. Memory does not grow with the size of a file.
   *
   * @throws {SnapshotError} of kind `conflict` for a file that changed while it was read, three times over,
   * and naming the path and the reason for a file that cannot be read or is no longer a file or link
   */
  addFiles(files: readonly FileToIngest[], progress?: Progress): Promise<IngestedFile[]>;
  /** Adds whole objects (trees). Returns their names. Idempotent. */
  addObject(type: ObjectType, body: ByteString): Promise<Oid>;
  /** Makes everything durable (fsync) and visible as objects: one pack where there are many, loose ones where few. */
  finish(): Promise<void>;
  /** Drops what was not finished. Safe to call after {@link finish}. */
  abandon(): Promise<void>;
}

/** A blob that is to be written to the file system. */
export interface BlobToRestore {
  readonly oid: Oid;
  /** Absolute path of the file to make; must not exist. */
  readonly destination: ByteString;
  /** Permission bits of the new file, set whatever the umask says. */
  readonly permissions: number;
  /** Write a symbolic link whose target is the blob, instead of a file. */
  readonly symlink: boolean;
}

/** Everything the program needs of a git repository. */
export interface GitStore extends ObjectReader {
  /** Stores objects durably, as loose ones. Idempotent; returns their names in order. */
  writeObjects(objects: readonly { type: ObjectType; body: ByteString }[]): Promise<Oid[]>;
  /** Begins to take in files of the directory `root` (absolute). With `store: false` it only hashes. */
  beginIngest(root: ByteString, options: { store: boolean }): Promise<Ingest>;
  /**
   * Writes blobs to new files, in parallel, each checked against its name as it is written.
   *
   * @returns for each, in order, the SHA-256 and size of what was written
   * @throws {SnapshotError} for a missing or corrupt blob, a full disk, a destination that exists
   */
  restoreBlobs(blobs: readonly BlobToRestore[], progress?: Progress): Promise<BlobDigest[]>;
  /**
   * Applies all updates in one transaction, or none. Durable when it returns.
   *
   * @param reason - for the reflog
   * @throws {RefConflictError} if any ref is not at its `from`, or is locked by another process
   */
  updateRefs(updates: readonly RefUpdate[], reason: string): Promise<void>;
  /** Ends helper processes and threads. */
  close(): Promise<void>;
}

/** Hashes byte strings. A port, so that the core needs no particular runtime. */
export interface Digest {
  /** SHA-256, 64 lower-case hexadecimal digits. */
  sha256(bytes: ByteString): string;
  /** The name git gives an object. */
  objectName(format: ObjectFormat, type: ObjectType, body: ByteString): Oid;
}

/** The identity that signs: which key, and for whom. */
export interface Signer {
  /** `openpgp:<40 hex, upper case>`: the primary key's fingerprint. */
  readonly key: KeyId;
  /** Asks for the passphrase now, if one is needed, so that nothing has to wait for it later. */
  unlock(): Promise<void>;
  /**
   * Signs exactly these bytes.
   *
   * @returns the armor, from its BEGIN line to its END line, each line ended by a line feed
   */
  sign(payload: ByteString): Promise<ByteString>;
}

/** A key as policies name it: its kind and its full fingerprint. */
export type KeyId = `openpgp:${string}`;

/** A public key that the policy lists: the armored certificate and its name. */
export interface PublicKey {
  readonly key: KeyId;
  readonly armored: ByteString;
}

/** Three outcomes, never a boolean: "we cannot tell" is not "it is fine". */
export type Verification =
  | { readonly status: 'good'; readonly key: KeyId; readonly signedAtSec: number }
  | { readonly status: 'bad'; readonly reason: string }
  | { readonly status: 'unknown-key'; readonly keyId: string };

/** Checks signatures in this process, against the keys it is given and no others. */
export interface SignatureVerifier {
  /**
   * @param payload - the signed bytes
   * @param armor - exactly one armored signature, in the one form that signers write; anything else is bad
   */
  verify(payload: ByteString, armor: ByteString, keys: readonly PublicKey[]): Promise<Verification>;
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

/** What a directory holds now. */
export type Scan =
  | {
      /** Not one entry differs from the baseline. */
      readonly outcome: 'unchanged';
      readonly baseline: Baseline;
    }
  | {
      readonly outcome: 'scanned';
      /** Every entry, sorted by path. */
      readonly entries: readonly ScannedEntry[];
      /** Tree names, by directory path (`''` is the root), of directories in which nothing changed since the baseline. */
      readonly cleanTrees: ReadonlyMap<BytePath, Oid>;
      readonly excluded: readonly ExcludedPath[];
      /** Whether the directory itself exists. A missing one has no entries. */
      readonly exists: boolean;
    };

/** The directory of one set in one working tree. */
export interface Workdir {
  /** Absolute path of the directory. */
  readonly root: ByteString;
  /**
   * Looks at every entry, reading no content.
   *
   * @param options.baselineAlive - whether the ref of the snapshot that the stat cache describes is still there;
   *   without it the cache is not used, since the objects that it names may be gone
   * @param options.full - list all entries even if nothing changed, and what is excluded
   * @throws {SnapshotError} listing every path that cannot be in a snapshot, each with its reason
   */
  scan(options: { baselineAlive: (tag: Oid) => boolean; full: boolean }): Promise<Scan>;
  /**
   * Remembers that the directory, as scanned and ingested, is the content of `baseline`.
   * Entries are sorted by path; those that a scan knew cost least if they are the same objects.
   * What changed since the scan began is not vouched for. A failure to write the cache is not an error.
   */
  saveBaseline(baseline: Baseline, entries: readonly CachedEntry[], trees: ReadonlyMap<BytePath, Oid>): Promise<void>;
  /**
   * Remembers which snapshot the directory should be, by its tag, whatever it holds now: what was last taken from all of
   * it or put into all of it. The stat cache may describe another. A failure to write this is not an error.
   */
  setExpected(snapshot: Oid): Promise<void>;
  /** The tag of the snapshot that the directory should be, or undefined if none was set or it cannot be read. */
  readExpected(): Promise<Oid | undefined>;
}

/** An entry with the stat that goes with its content. */
export interface CachedEntry extends Entry {
  readonly stat: FileStat;
}

/** A step of a long operation, for whoever shows it. */
export interface ProgressReporter {
  /** Begins a phase with a total (undefined: not known), returns the function that moves it. */
  phase(title: string): Progress;
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
