import type { ByteString } from './byte-string.ts';
import type { BytePath } from './entry.ts';
import type { ObjectFormat, ObjectType, Oid } from './oid.ts';
import type { FileStat } from './workdir.ts';

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
export interface ObjectReader {
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
  /** Those of {@link listChain} that come after one of them; undefined where `after` is none of them. Reads no more than those. */
  listChainAfter(tip: Oid, after: Oid): Promise<Oid[] | undefined>;
}

/** A file of the working directory that is to be hashed, and stored unless `store` is false. */
export interface FileToIngest {
  readonly path: BytePath;
  /** The name it had when it was last stored: not written again if it still has it. */
  readonly knownOid?: Oid | undefined;
  /** Its length in bytes when somebody last looked: tells how much work it will be, and nothing else. */
  readonly expectedBytes?: number | undefined;
}

/**
 * What becomes of a file that changes whenever it is read.
 *
 * - `refuse`: it is an error, and so is one that is gone
 * - `take`: its first bytes are taken, as many as it had when it was opened, and with them the stat of then; one that is gone,
 *   or no file any more, is left out. For who looks at it again before that matters
 */
export type UnsteadyFiles = 'refuse' | 'take';

/** What the ingest read, with the stat of the very descriptor that it read from. */
export interface IngestedFile {
  readonly path: BytePath;
  readonly oid: Oid;
  readonly sha256: string;
  readonly size: number;
  readonly mode: number;
  readonly stat: FileStat;
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
   * @returns them in that order, but for those that are gone, where such are left out
   * @throws {SnapshotError} of kind `conflict` for a file that changed while it was read, three times over, where such are
   * refused, and naming the path and the reason for a file that cannot be read or is no longer a file or link
   */
  addFiles(files: readonly FileToIngest[], progress?: Progress): Promise<IngestedFile[]>;
  /** Adds a whole object (a tree). Returns its name. Idempotent. */
  addObject(type: ObjectType, body: ByteString): Oid;
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
  /**
   * Begins to take in files of the directory `root` (absolute). With `store: false` it only hashes.
   *
   * @param options.unsteady - default: `refuse`
   */
  beginIngest(root: ByteString, options: { store: boolean; unsteady?: UnsteadyFiles }): Promise<Ingest>;
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

/** A step of a long operation, for whoever shows it. */
export interface ProgressReporter {
  /** Begins a phase with a total (undefined: not known), returns the function that moves it. */
  phase(title: string): Progress;
}
