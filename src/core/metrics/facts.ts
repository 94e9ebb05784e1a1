import type { Level } from '../levels/judge.ts';
import type { Measurements } from '../levels/measurements.ts';

/** What metrics are made of. */
export interface MetricFacts {
  readonly nowSec: number;
  /** Of this program. */
  readonly version: string;
  readonly policy: { readonly version: number; readonly expiresAtSec: number | undefined };
  /** Keys of the policy that run out. */
  readonly keys: readonly { readonly key: string; readonly person: string; readonly expiresAtSec: number }[];
  readonly log: {
    readonly findings: number;
    /** Events that do not count any more. */
    readonly voided: number;
    /** Each kind of event of each set; those about no set have none. */
    readonly events: readonly { readonly type: string; readonly set: string | undefined; readonly count: number }[];
  };
  readonly unfinishedRollbacks: number;
  readonly sets: readonly SetFacts[];
}

/** What there is to say of a set. */
export interface SetFacts {
  readonly set: string;
  readonly measurements: Measurements;
  readonly levels: readonly Level[];
  readonly snapshots: Readonly<Record<'kept' | 'trash' | 'dropped' | 'erased', number>>;
  /** Of the newest that is kept, backups included, as its event tells. */
  readonly newest: { readonly files: number; readonly bytes: number } | undefined;
  /** What all that are kept would take, side by side. */
  readonly keptBytes: number;
  readonly holds: number;
  readonly rollbacks: Readonly<Record<'applied' | 'reverted', number>>;
  /** Paths that differ from the snapshot that the directory should be; undefined where nobody looked. */
  readonly driftPaths: number | undefined;
  readonly environments: readonly EnvironmentFacts[];
}

/** What there is to say of an environment. */
export interface EnvironmentFacts {
  readonly environment: string;
  /** Since when what is live there is live. */
  readonly liveSinceSec: number | undefined;
  readonly promotions: Readonly<Record<'promote' | 'rollback', number>>;
  /** Promotions that wait. */
  readonly pending: number;
  /** Approvals that they lack, all together. */
  readonly missingApprovals: number;
}
