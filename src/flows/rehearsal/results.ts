import type { BytePath } from '../../core/entry.ts';
import type { Criterion } from '../../core/rehearsal/criteria.ts';
import type { PhaseTime } from '../../core/rollback/phases.ts';
import type { GateOutcome } from '../gates/results.ts';
import type { RollbackResult } from '../results.ts';

/** Why a snapshot was rehearsed. `environment`: a rollback of one would go to it; `live`: it is live in one. */
export type RehearsalPurpose = 'named' | 'rollback' | 'environment' | 'live' | 'sample';

/** One rollback, there or back. */
export interface RehearsedRollback {
  readonly phases: readonly PhaseTime[];
  readonly changes: RollbackResult['changes'];
  readonly durationMs: number;
}

/** What came of killing rollbacks. */
export interface RehearsedFaults {
  /** At how many places one can be killed: before each move of a file, and after the last. */
  readonly steps: number;
  /** At how many of them it was. */
  readonly points: number;
  readonly recovered: number;
  /** Those after which the copy was not what it should be. */
  readonly failures: readonly { readonly step: number; readonly way: 'continue' | 'abort'; readonly detail: string }[];
}

/** One snapshot, put into the copy and taken out of it again. */
export interface RehearsedSnapshot {
  readonly snapshot: string;
  readonly purpose: RehearsalPurpose;
  readonly environment: string | undefined;
  /** What the copy was before: a copy of the directory, or nothing, where the directory is that very snapshot already. */
  readonly start: 'copy' | 'empty';
  readonly verdict: 'pass' | 'fail';
  readonly criteria: readonly Criterion[];
  /** Why it came to no end; undefined: it did. */
  readonly failure: string | undefined;
  /** From the beginning until the copy was that snapshot, verified and recorded; or until that failed. */
  readonly recoveryMs: number;
  /** Every byte of the snapshot read and hashed, beforehand; undefined: it was not to be believed. */
  readonly verifyMs: number | undefined;
  readonly files: number;
  readonly bytes: number;
  readonly there: RehearsedRollback | undefined;
  readonly back: RehearsedRollback | undefined;
  readonly gates: readonly GateOutcome[];
  readonly faults: RehearsedFaults | undefined;
}

/** A rehearsal that the log tells of. */
export interface PastRehearsal {
  readonly seq: number;
  readonly atSec: number;
  readonly snapshot: string;
  readonly environment: string | undefined;
  readonly verdict: 'pass' | 'fail';
  readonly recoveryMs: number;
  /** Whether the directory was back, as it should be, after that time. */
  readonly isBack: boolean;
  readonly actor: string;
}

/** All that a rehearsal found. */
export interface RehearsalReport {
  readonly repository: string;
  readonly set: string;
  readonly startedAtSec: number;
  readonly durationMs: number;
  readonly policy: { readonly version: number; readonly digest: string };
  readonly verdict: 'pass' | 'fail';
  /** The directory, as it was before and must be afterwards. */
  readonly live: {
    /** The snapshot that it was copied from; undefined where there is no directory. */
    readonly snapshot: string | undefined;
    /** Whether that was taken for the rehearsal, since no other held what the directory does. */
    readonly isTaken: boolean;
    readonly manifest: string;
    readonly files: number;
    readonly bytes: number;
    /** Paths that differ afterwards. */
    readonly changed: readonly BytePath[];
    /** How long it took to make the copy, which is a rollback into an empty directory; undefined: none was needed. */
    readonly copyMs: number | undefined;
  };
  /** The last snapshot before that somebody took, and how old it was: what came later is lost with the directory. */
  readonly last: { readonly snapshot: string; readonly atSec: number; readonly ageSec: number } | undefined;
  readonly rehearsals: readonly RehearsedSnapshot[];
  /** Newest first. */
  readonly history: readonly PastRehearsal[];
}

/** Of `rehearse`. */
export interface RehearsalResult {
  readonly report: RehearsalReport;
  /** Of the report as `--json` prints it. */
  readonly digest: string;
  /** Whether the log tells of it. */
  readonly isRecorded: boolean;
}
