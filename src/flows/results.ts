import type { ByteString } from '../core/byte-string.ts';
import type { BytePath } from '../core/entry.ts';
import type { Oid } from '../core/oid.ts';
import type { LockHolder } from '../core/rollback/lock-holder.ts';
import type { PhaseTime } from '../core/rollback/phases.ts';
import type { KeyId } from '../core/signing.ts';
import type { PathChange } from '../core/snapshot/changes.ts';
import type { KindCount } from '../core/snapshot/kinds.ts';
import type { SnapshotInfo } from '../core/snapshot/snapshot-info.ts';
import type { Finding } from '../core/trust/finding.ts';
import type { ExcludedPath, UnfitPath } from '../core/workdir.ts';
import type { GateOutcome } from './gates/results.ts';

/** Of `show`: what the tag says, and what its event says of the content. */
export interface ShowResult extends SnapshotInfo {
  /** Undefined where the log has no event of this snapshot. */
  readonly kinds: readonly KindCount[] | undefined;
  /** Against what the directory was before; undefined where it was nothing, or the log does not say. */
  readonly changes: { readonly added: number; readonly modified: number; readonly deleted: number } | undefined;
}

/** One path that differs. */
export type Change = PathChange<ChangeSide>;

/** What a changed path is on one side. `oid` is a blob of the repository, or, for a live file, only the name that it would have. */
export interface ChangeSide {
  readonly mode: number;
  readonly size: number;
  readonly oid: Oid;
  readonly path: BytePath;
}

/** Of `create`. */
export interface CreateResult {
  readonly outcome: 'created' | 'unchanged' | 'dry-run';
  /** The new snapshot; the one that the directory equals; in a dry run undefined where one would be made. */
  readonly snapshot: SnapshotInfo | undefined;
  /** Against the previous snapshot of the set, where there is one. */
  readonly changes: readonly Change[];
  readonly kinds: readonly KindCount[];
  readonly files: number;
  readonly bytes: number;
  /** What the gates of the set said; empty where nothing had changed. */
  readonly gates: readonly GateOutcome[];
  /** Gates that a dry run leaves out, by name: it stores nothing that they could look at. */
  readonly gatesNotRun: readonly string[];
  /** Filled by a dry run only. */
  readonly excluded: readonly ExcludedPath[];
}

/** Of `init`. */
export interface InitResult {
  readonly repository: string;
  readonly sets: readonly { readonly set: string; readonly path: string }[];
  readonly key: KeyId;
  /** Where the private key is: a file we made or found, or the gpg program. */
  readonly keySource: { readonly kind: 'made' | 'found' | 'gpg'; readonly file: string | undefined };
  readonly policy: { readonly version: number; readonly digest: string };
  /** Remotes that snapshots can be pushed to. */
  readonly remotes: readonly string[];
}

/** Of `diff`: two snapshots, or a snapshot and the live directory (`to` undefined). */
export interface DiffResult {
  readonly from: SnapshotInfo;
  readonly to: SnapshotInfo | undefined;
  readonly changes: readonly Change[];
}

/** Of `status`. */
export interface StatusResult {
  readonly set: string;
  readonly path: BytePath;
  /** What the directory should be: what was last taken from it or put into it; undefined if nothing ever was. */
  readonly snapshot: SnapshotInfo | undefined;
  /** Whether the directory is there: in a new clone it is not. */
  readonly exists: boolean;
  readonly clean: boolean;
  readonly changes: readonly Change[];
  /** What is there and is no change, as no snapshot can hold it. */
  readonly unfit: readonly UnfitPath[];
  readonly rollback: UnfinishedRollback | undefined;
  /** Who is working on the set, where it is no rollback that has begun: what the rest says may be about to change. */
  readonly busy: LockHolder | undefined;
}

/** A rollback that is running, or was interrupted. */
export interface UnfinishedRollback {
  readonly set: string;
  /** Id of the backup (undefined: the directory was the same as no snapshot, and empty). */
  readonly from: string | undefined;
  readonly to: string;
  readonly startedAtSec: number;
  /** Who is at work on it; undefined where it was interrupted. */
  readonly heldBy: LockHolder | undefined;
}

/** One check of one snapshot. */
export interface CheckResult {
  readonly check: string;
  readonly ok: boolean;
  /** What was found, and what was expected where that differs. */
  readonly detail: string;
}

/** Of `verify`. */
export interface VerifyResult {
  readonly ok: boolean;
  readonly results: readonly {
    readonly set: string;
    readonly id: string;
    readonly ok: boolean;
    readonly checks: readonly CheckResult[];
  }[];
}

/** Of `rollback`, `restore`, and their `--continue`, `--abort`, `--undo`, `--dry-run`. */
export interface RollbackResult {
  readonly outcome: 'applied' | 'nothing-to-do' | 'reverted' | 'planned';
  readonly set: string;
  /** Id of the snapshot that the directory was, if it was one or was backed up as one. */
  readonly from: string | undefined;
  readonly to: string;
  /** Whether nobody named `to`, and it is the automatic backup that the directory should be: perhaps not what was meant. */
  readonly isUnnamedBackup: boolean;
  readonly backup: string | undefined;
  readonly changes: {
    readonly created: number;
    readonly replaced: number;
    readonly deleted: number;
    readonly modes: number;
  };
  /** Each path, for a dry run and `--verbose`. */
  readonly paths: readonly Change[];
  /** Files that another program changed under our hands, or has open, and where what they held is kept. */
  readonly rescued: readonly KeptFile[];
  /**
   * What other programs have changed since it was put back, so that it is not what the snapshot holds, and which programs
   * that may have been, as `name (process id)`. It is left as they made it.
   */
  readonly changedAfter: { readonly paths: readonly BytePath[]; readonly programs: readonly ByteString[] };
  /** Paths that are in neither the former nor the wanted state: made by someone else meanwhile, and left alone. */
  readonly appeared: readonly BytePath[];
  /** What the gates of the set said of the snapshot, where this process ran them. */
  readonly gates: readonly GateOutcome[];
  /** What the program of the policy that is asked afterwards said; undefined where none was asked. */
  readonly health: HealthOutcome | undefined;
  /** How long each phase took, in the order in which they were gone through. */
  readonly phases: readonly PhaseTime[];
  readonly durationMs: number;
}

/** What a file of the former state held when that went. */
interface KeptFile {
  readonly path: BytePath;
  /** Absolute path of where that is. */
  readonly keptAs: string;
  /** Who goes on writing to it there, as `name (process id)`. */
  readonly programs: readonly ByteString[];
}

/** What a program said that was asked whether all is well. */
export interface HealthOutcome {
  readonly verdict: 'pass' | 'fail';
  /** How often it was asked. */
  readonly attempts: number;
  /** How the last attempt ended: `exit code 1`. */
  readonly detail: string;
  /** The first of what it printed in the last attempt. Not escaped. */
  readonly lines: readonly string[];
}

/** One event of the audit log. */
export interface LogEntry {
  readonly seq: number;
  readonly commit: Oid;
  readonly type: string;
  readonly atSec: number;
  readonly actor: string;
  readonly key: string;
  readonly set: string | undefined;
  readonly snapshot: string | undefined;
  readonly summary: string;
  /** Why it does not count any more; undefined: it counts. */
  readonly voided: string | undefined;
  /** The event as it was signed. */
  readonly event: Readonly<Record<string, unknown>>;
}

/** Of `log --verify`. */
export interface LogVerification {
  readonly ok: boolean;
  readonly tip: Oid | null;
  /** How many events may stand where they do. */
  readonly events: number;
  /** Those of them that do not count any more, since their key was revoked, oldest first. */
  readonly voided: readonly { readonly commit: Oid; readonly detail: string }[];
  readonly policyVersion: number;
  readonly findings: readonly Finding[];
  /** Of how many refs that events tell of there is none: each is a finding, too. */
  readonly missing: number;
}

/** Of `log repair`. */
export interface LogRepair {
  readonly outcome: 'repaired' | 'nothing-to-do';
  /** Number of the event that records it. */
  readonly seq: number;
  /** Commits that do not count, oldest first, and why. */
  readonly skipped: readonly { readonly commit: Oid; readonly detail: string }[];
  /** Whether the notes were not what the events come to. */
  readonly notes: boolean;
}
