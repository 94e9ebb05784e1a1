import type { ByteString } from '../../core/byte-string.ts';
import type { BytePath, Entry } from '../../core/entry.ts';
import type { Oid } from '../../core/oid.ts';
import type { ProgressReporter } from '../../core/ports.ts';
import type { Label } from '../../core/snapshot/label.ts';
import type { SnapshotInfo, SnapshotSummary } from '../../core/snapshot/snapshot-info.ts';
import type {
  CreateResult,
  DiffResult,
  InitResult,
  LogEntry,
  LogRepair,
  LogVerification,
  RollbackResult,
  ShowResult,
  StatusResult,
  VerifyResult,
} from '../../flows/results.ts';
import type { Io } from '../terminal/io.ts';
import type { Prompt } from '../terminal/prompt.ts';
import type { ExchangeApp } from './exchange-app.ts';
import type { KeysApp, PolicyApp, TrustApp } from './govern-app.ts';
import type { HooksApp } from './hooks-app.ts';
import type { PromotionApp } from './promotion-app.ts';
import type { RehearsalApp } from './rehearsal-app.ts';
import type { RetentionApp } from './retention-app.ts';
import type { ShareApp } from './share-app.ts';
import type { WatchApp } from './watch-app.ts';

/** What the global options say, and how to reach the person. */
export interface AppSettings {
  /** Absolute path that the program works from: where it was started, with `-C` applied. */
  readonly directory: string;
  readonly prompt: Prompt;
  readonly progress: ProgressReporter;
  /** Prints a line of chatter on standard error; nothing under `--quiet`. Escapes what must not reach a terminal. */
  note(text: string): void;
  /** Says what to type next, once the result is printed; nothing under `--quiet`. */
  advise(text: string): void;
  /** Told when a directory begins to be replaced, and when that has ended, either way. */
  readonly onReplacement?: ((state: ReplacementState) => void) | undefined;
}

/** How far the replacing of a directory is. */
export type ReplacementState = 'begun' | 'ended';

/** Makes an {@link App}. The command line knows no adapter: `wire.ts` has the real one, tests have fakes. */
export type OpenApp = (io: Io, settings: AppSettings) => Promise<App>;

/** The set that is meant; undefined: the flow decides. */
interface SetChoice {
  readonly set: string | undefined;
}

interface InitOptions {
  /** Empty: the usual one. Paths as typed, relative to where the command was given. */
  readonly sets: readonly { readonly set: string; readonly path: string }[];
  /** A fingerprint, `gpg`, `new`, or undefined: the flow decides. */
  readonly key: string | undefined;
  readonly passphrase: boolean;
  /** Awaited once it is known that there is something to set up, and before anything is written. Throws to stop. */
  readonly confirm?: (() => Promise<void>) | undefined;
}

interface CreateOptions extends SetChoice {
  /** Subject and paragraphs; undefined: the flow makes one up. */
  readonly message: string | undefined;
  readonly labels: readonly Label[];
  readonly force: boolean;
  readonly dryRun: boolean;
}

interface ListOptions extends SetChoice {
  readonly limit: number | undefined;
  readonly labels: readonly Label[];
  /** Seconds since the Unix epoch. */
  readonly sinceSec: number | undefined;
}

/** One snapshot by its selector. */
interface SnapshotChoice extends SetChoice {
  readonly snapshot: string;
}

interface DiffOptions extends SetChoice {
  readonly from: string;
  /** Undefined: the directory as it is. */
  readonly to: string | undefined;
  /** Relative to the set's directory, as bytes. Empty: everything. */
  readonly paths: readonly BytePath[];
}

interface VerifyOptions extends SetChoice {
  /** Selectors. Empty only with `all`. */
  readonly snapshots: readonly string[];
  readonly all: boolean;
  readonly quick: boolean;
}

interface LogOptions extends SetChoice {
  readonly limit: number | undefined;
  /** Empty: any. */
  readonly types: readonly string[];
  readonly sinceSec: number | undefined;
  /** A person of the policy. */
  readonly actor: string | undefined;
  /** A selector. */
  readonly snapshot: string | undefined;
}

/** Of all that changes the directory. */
interface ChangeOptions extends SetChoice {
  readonly message: string | undefined;
  readonly dryRun: boolean;
  /**
   * To be awaited once the plan stands and before anything is written, with a result whose outcome is `planned`;
   * not where there is nothing to do. Throws where the person says no. Undefined: go ahead.
   */
  readonly confirm: ((plan: RollbackResult) => Promise<void>) | undefined;
}

interface GatesChoice {
  /** Whatever gates and the health program say; they are asked and recorded. Default: no. */
  readonly pastGates?: boolean;
}

interface RestoreOptions extends ChangeOptions, GatesChoice, SnapshotChoice {
  /** Relative to the set's directory, as bytes. Empty: everything. */
  readonly paths: readonly BytePath[];
}

interface RollbackOptions extends ChangeOptions, GatesChoice {
  /** A selector. Undefined with `steps` undefined: the snapshot that the directory should be. */
  readonly snapshot: string | undefined;
  readonly steps: number | undefined;
  readonly paths: readonly BytePath[];
}

interface RepairLogOptions {
  readonly message: string | undefined;
  /** Awaited with what would be passed over, before anything is signed. Throws to stop. */
  readonly confirm: ((repair: LogRepair) => Promise<void>) | undefined;
}

/** Everything that a command can ask for. Each is a flow over adapters. */
export interface App {
  init(options: InitOptions): Promise<InitResult>;
  create(options: CreateOptions): Promise<CreateResult>;
  status(options: SetChoice): Promise<StatusResult>;
  /** Newest first. */
  list(options: ListOptions): Promise<readonly SnapshotInfo[]>;
  /** The same with less of each, in less time where there are many. */
  summarize(options: ListOptions): Promise<readonly SnapshotSummary[]>;
  show(options: SnapshotChoice): Promise<ShowResult>;
  diff(options: DiffOptions): Promise<DiffResult>;
  /** Entries sorted by path. */
  manifest(options: SnapshotChoice): Promise<{ readonly info: SnapshotInfo; readonly entries: readonly Entry[] }>;
  verify(options: VerifyOptions): Promise<VerifyResult>;
  restore(options: RestoreOptions): Promise<RollbackResult>;
  rollback(options: RollbackOptions): Promise<RollbackResult>;
  continueRollback(options: SetChoice): Promise<RollbackResult>;
  abortRollback(options: SetChoice): Promise<RollbackResult>;
  undoRollback(options: ChangeOptions): Promise<RollbackResult>;
  /** Newest first. */
  log(options: LogOptions): Promise<readonly LogEntry[]>;
  verifyLog(): Promise<LogVerification>;
  repairLog(options: RepairLogOptions): Promise<LogRepair>;
  readonly policy: PolicyApp;
  readonly keys: KeysApp;
  readonly trust: TrustApp;
  readonly promotion: PromotionApp;
  readonly retention: RetentionApp;
  readonly rehearsal: RehearsalApp;
  readonly exchange: ExchangeApp;
  readonly share: ShareApp;
  readonly hooks: HooksApp;
  readonly watch: WatchApp;
  /** Content of a blob; undefined where it is larger than `maxBytes`. */
  blob(oid: Oid, maxBytes: number): Promise<ByteString | undefined>;
  /** Content of a file of the set's directory (of a link: its target); undefined where it is larger than `maxBytes`. */
  liveFile(file: { readonly set: string; readonly path: BytePath }, maxBytes: number): Promise<ByteString | undefined>;
  close(): Promise<void>;
}
