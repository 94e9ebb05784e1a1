import type { LogState } from '../core/audit/judge-event.ts';
import type { LoggedEvent } from '../core/audit/logged-event.ts';
import type { ByteString } from '../core/byte-string.ts';
import type { BytePath, Entry } from '../core/entry.ts';
import type { GateRunner } from '../core/gates/port.ts';
import type { Oid } from '../core/oid.ts';
import type { Digest, GitStore, ProgressReporter, Ref } from '../core/ports.ts';
import type { ProgramRunner } from '../core/programs.ts';
import type { ObjectStorage } from '../core/retention/storage.ts';
import type { LockHolder } from '../core/rollback/lock-holder.ts';
import type { DirectoryReplacer } from '../core/rollback/port.ts';
import type { ReleaseLayout } from '../core/rollback/releases.ts';
import type { Transport } from '../core/share/transport.ts';
import type { PublicKey, SignatureVerifier, Signer } from '../core/signing.ts';
import type { SnapshotInfo, SnapshotSummary } from '../core/snapshot/snapshot-info.ts';
import type { Workdir } from '../core/workdir.ts';

/**
 * What this user trusts of repositories, kept outside of all of them.
 *
 * What is remembered is of one clone, since another may lag behind; it is authenticated, so that an edited file is
 * as good as none. None only costs time, and that going back is not noticed.
 */
interface Trust {
  /** Digest of the version 1 of the policy that is trusted, by a pin or by the environment, or undefined. */
  read(repository: string): Promise<string | undefined>;
  /** The same, of what is pinned alone. */
  readPin(repository: string): Promise<string | undefined>;
  pin(repository: string, policyDigest: string): Promise<void>;
  /** What is to be trusted in this very place, whatever repository comes there. Undefined: the place is not to stay. */
  readonly place: PlacePin | undefined;
  /** What was verified in this clone before. `anew`: also by other processes, since this one asked first. */
  recall(repository: string, options?: { readonly anew: boolean }): Promise<Remembered | undefined>;
  /** Adds to what is remembered. A failure to write is not an error. */
  remember(repository: string, news: Partial<Pick<Remembered, 'policy' | 'log'>>): Promise<void>;
  /** The log's events as {@link rememberEvents} got them; undefined where they cannot be had as they were written. */
  recallEvents(repository: string): Promise<readonly LoggedEvent[] | undefined>;
  /** Keeps events that were verified, from the log's first on, so that they need not be read from the log. A failure is no error. */
  rememberEvents(repository: string, events: readonly LoggedEvent[]): Promise<void>;
  /** Forgets what was verified in this clone, so that it is met anew. */
  forget(repository: string): Promise<void>;
  /** Id of the repository that this clone was met as, or undefined. */
  repositoryOfClone(): Promise<string | undefined>;
}

/** A pin by the path of a repository, for a time when nobody knows yet which one will be there. It counts first. */
interface PlacePin {
  read(): Promise<string | undefined>;
  /** In the place of what was said before. */
  pin(policyDigest: string): Promise<void>;
}

/**
 * What was verified in a clone before, as a whole and without a finding. Whatever another version of this program
 * verified, by rules of its own, still shows that something went back, and is otherwise judged anew.
 */
export interface Remembered {
  /** Digest of the version 1 that it followed from. */
  readonly root: string;
  /** The newest version of the policy. */
  readonly policy: { readonly version: number; readonly digest: string } | undefined;
  /** The state of the log. */
  readonly log: LogState | undefined;
  /** What this version of the program verified. */
  readonly verified: { readonly policy: boolean; readonly log: boolean };
}

/**
 * Remembers what listings show of snapshots, by the object name of the tag. It only saves time: whatever decides
 * anything reads the tags themselves.
 */
export interface ListingCache<Row> {
  /** What is remembered of these refs, in their order; undefined for each of which there is nothing that can be read. */
  find(refs: readonly Ref[]): (Row | undefined)[];
  /** Everything remembered. */
  all(): Row[];
  /** Remembers exactly these, to be found in this order. A failure to write is not an error. */
  write(rows: readonly Row[]): void;
}

/** A policy as people wrote it. */
interface PolicyFile {
  /** For messages. */
  readonly path: string;
  /** As its YAML reads; not checked. */
  readonly document: unknown;
  /** Public keys in the directory `keys` beside it. */
  readonly keys: readonly PublicKey[];
  /** JSON Schemas in the directory `schemas` beside it, by name. */
  readonly schemas: ReadonlyMap<string, ByteString>;
}

/** A key that may become the root of a new repository's policy. */
export interface ObtainedKey {
  readonly signer: Signer;
  readonly publicKey: PublicKey;
  /** Where the private part is: a file we made or found, or with the gpg program. */
  readonly source: { readonly kind: 'made' | 'found' | 'gpg'; readonly file: string | undefined };
}

/** Which key `init` shall use. `undefined`: git's own signing setup if there is one, else ours, made if need be. */
export type KeyChoice =
  | { readonly kind: 'new' | 'gpg' | 'ssh' }
  | { readonly kind: 'fingerprint'; readonly fingerprint: string }
  | undefined;

/** A set as the policy describes it. */
export interface GovernedSet {
  readonly name: string;
  /** Its directory, relative to the top level. */
  readonly path: BytePath;
  readonly exclude: readonly string[];
  /** Where its path is a link to a release, as the policy asks; undefined where it is a directory that changes in place. */
  readonly releases: ReleaseLayout | undefined;
}

/**
 * Everything a flow needs of the world. What starts a process, reads a key or loads a library is a function,
 * so that it costs nothing until a flow asks.
 */
export interface Context {
  readonly store: GitStore;
  readonly digest: Digest;
  readonly verifier: () => Promise<SignatureVerifier>;
  /** The signer for one of these keys. @throws {SnapshotError} if this user has the private part of none */
  readonly signer: (keys: readonly PublicKey[]) => Promise<Signer>;
  readonly obtainKey: (choice: KeyChoice, options: { readonly passphrase: boolean }) => Promise<ObtainedKey>;
  /** The remotes that the repository has. */
  readonly remotes: () => Promise<readonly { readonly name: string; readonly url: string }[]>;
  /** Name of the remote that the branch which is checked out follows, if any. */
  readonly followedRemote: () => Promise<string | undefined>;
  readonly transport: () => Promise<Transport>;
  readonly trust: Trust;
  /** What refs keep of the object database. */
  readonly storage: () => Promise<ObjectStorage>;
  readonly gates: () => Promise<GateRunner>;
  /** Runs programs of the policy in the directory of a set. */
  readonly programs: (set: GovernedSet) => Promise<ProgramRunner>;
  /** Puts entries into a new directory outside of the working tree, which may only be read. */
  readonly checkOut: (entries: readonly Entry[]) => Promise<{ readonly directory: string; remove(): Promise<void> }>;
  /** The policy that people wrote, from its file (undefined: the usual one). @throws {SnapshotError} if it cannot be read */
  readonly policySource: (file: string | undefined) => Promise<PolicyFile>;
  /** A public key that somebody handed in, from its file. @throws {SnapshotError} if it is none */
  readonly publicKeyFile: (file: string) => Promise<PublicKey>;
  /** Asks a person at a terminal; undefined where there is none. */
  readonly confirm: ((question: string) => Promise<boolean>) | undefined;
  /** Ignore files that look as if they had a say in a set, and have none; relative to the top level. */
  readonly unreadIgnoreFiles: (set: Pick<GovernedSet, 'path'>) => Promise<readonly BytePath[]>;
  readonly workdir: (set: GovernedSet) => Promise<Workdir>;
  readonly replacer: (set: GovernedSet) => Promise<DirectoryReplacer>;
  /**
   * The sets that have an unfinished rollback here, from its journal alone (no policy is needed to know them), and who is at
   * work on it.
   */
  readonly unfinishedSets: () => Promise<
    readonly { readonly set: GovernedSet; readonly heldBy: LockHolder | undefined }[]
  >;
  /** Other working trees of this repository in which a rollback was ever begun, and what replaces the set's directory there. */
  readonly elsewhere: (
    set: GovernedSet,
  ) => Promise<readonly { readonly directory: ByteString; readonly replacer: DirectoryReplacer }[]>;
  /** Whether there is no working tree, and so no directory of any set. */
  readonly isBare: boolean;
  /** Who acts, from git's own configuration. */
  readonly identity: () => Promise<{ readonly name: string; readonly email: string }>;
  readonly headState: () => Promise<{ readonly commit: Oid; readonly dirty: boolean } | undefined>;
  /** What is known of where this runs: CI, host. */
  readonly detectedContext: () => Promise<readonly { readonly name: string; readonly value: string }[]>;
  readonly summaries: () => Promise<ListingCache<SnapshotSummary>>;
  readonly listings: () => Promise<ListingCache<SnapshotInfo>>;
  readonly nowMs: () => number;
  readonly randomHex: (bytes: number) => string;
  readonly report: ProgressReporter;
  /** Tells the user something beside the result. */
  readonly note: (line: string) => void;
  /** Whether the directories are copies, in which something else stands for what no snapshot can hold: of that, nothing is told. */
  readonly hasStandIns?: boolean;
  /** Tells the user what to type next: told after the result, and after all notes. */
  readonly advise: (line: string) => void;
  readonly sleep: (ms: number) => Promise<void>;
}

/** What verifying takes: reading a repository, and what is trusted of it. */
export type Verifying = Pick<
  Context,
  'store' | 'digest' | 'verifier' | 'trust' | 'confirm' | 'note' | 'report' | 'nowMs' | 'isBare' | 'workdir'
>;

/** Seconds since the Unix epoch. */
export function nowSec(ctx: Pick<Context, 'nowMs'>): number {
  return Math.floor(ctx.nowMs() / 1000);
}

/** SHA-256 as formats write it. */
export function sha256Of(ctx: Pick<Context, 'digest'>, bytes: ByteString): string {
  return `sha256:${ctx.digest.sha256(bytes)}`;
}
