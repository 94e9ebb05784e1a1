import type { ByteString } from '../byte-string.ts';
import type { Oid } from '../oid.ts';
import type { Ref } from '../ports.ts';

/** What a snapshot can be exported as. */
export type ExportFormat = 'bundle' | 'tar' | 'zip';

/** Bytes as they come, to be taken once and in order. */
export type Bytes = AsyncIterable<Uint8Array>;

/** A blob as it is read. Its content is taken before the next blob is asked for. */
export interface BlobContent {
  readonly oid: Oid;
  readonly size: number;
  readonly content: Bytes;
}

/** A file, link or directory of an archive. Its content is taken before the next member is asked for. */
export interface ArchiveMember {
  /** From the top of the archive; `/` between names, none at the end. */
  readonly path: ByteString;
  /** With the type bits. */
  readonly mode: number;
  readonly size: number;
  /** The time that it bears, in seconds since the epoch. */
  readonly atSec: number;
  /** A link's is its target, a directory's is empty. */
  readonly content: Bytes;
}

/** Where an export goes: nothing is seen of it before {@link commit}, unless it goes to a stream. */
export interface ExportOutput {
  /** For people: the file, or what stands for the stream. */
  readonly name: string;
  write(chunk: Uint8Array): Promise<void>;
  /** Makes it durable, under its name. @throws {SnapshotError} `conflict` where there is one of this name by now */
  commit(): Promise<void>;
  /** Removes what was written. Safe after {@link commit}. */
  abandon(): void;
}

/** What exporting takes, beside the repository. */
export interface Exporting {
  /** @param file - undefined: standard output. @throws {SnapshotError} `conflict` where it is there and not to be replaced */
  openOutput(file: string | undefined, options: { readonly force: boolean }): Promise<ExportOutput>;
  /** A bundle as git writes it, of these refs, which must exist, and all that they reach. */
  bundle(refs: readonly string[]): Bytes;
  /** A bundle of ours: with these refs, all that `histories` reach, and these objects. Always the same bytes. */
  proof(parts: {
    readonly refs: readonly Ref[];
    readonly histories: readonly Oid[];
    readonly objects: readonly Oid[];
  }): Bytes;
  /** Blobs in this order, in constant memory. Fails after the last byte of one that has another name. */
  blobs(oids: readonly Oid[]): AsyncIterable<BlobContent>;
  /** The members as an archive: always the same bytes for the same members. */
  archive(format: 'tar' | 'zip', members: AsyncIterable<ArchiveMember>): Bytes;
  /** SHA-256 of what passes. */
  digest(): { update(chunk: Uint8Array): void; result(): { readonly sha256: string; readonly size: number } };
}

/** Takes blobs in, one after the other. */
export interface BlobTaker {
  /** @returns its name. @throws {SnapshotError} `untrusted` where the content has another size */
  add(size: number, content: Bytes): Promise<Oid>;
  finish(): Promise<void>;
  abandon(): void;
}

/** A file that was taken in, into a repository of its own that nobody else sees. */
export interface ReceivedFile {
  /** For people. */
  readonly name: string;
  readonly format: ExportFormat;
  /** The refs that it says it has. Their names may be anything that git allows. */
  readonly refs: readonly Ref[];
  /** The proof, as a member of an archive; undefined where the file is a bundle. */
  readonly proof: Omit<ArchiveMember, 'content'> | undefined;
  /** What follows the proof in an archive. Nothing of it was looked at but its form. */
  readonly members: AsyncIterable<ArchiveMember> | undefined;
  takeBlobs(): BlobTaker;
  /** Objects that no ref reaches. @throws {SnapshotError} `untrusted` where one is missing that a ref reaches */
  countUnreached(): Promise<number>;
}

/** Directory of an archive with the proof in it, at its top: no set can have this name. */
export const PROOF_DIRECTORY = '.snapshot-proof';
