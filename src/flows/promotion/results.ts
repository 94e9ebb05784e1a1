import type { Oid } from '../../core/oid.ts';
import type { Tally } from '../../core/promotion/tally.ts';
import type { GateOutcome } from '../gates/results.ts';
import type { RollbackResult } from '../results.ts';

/**
 * `live`: it is what the environment is. `superseded`: it was. `pending`: approvals are missing. `rejected`: somebody
 * stopped it. `overtaken`: it waits, and a later one is live. `erased`: it waited, and its snapshot is gone for good. `void`: a key
 * was revoked.
 */
export type PromotionStatus = 'live' | 'superseded' | 'pending' | 'rejected' | 'overtaken' | 'erased' | 'void';

/** What somebody said of a promotion. */
interface OpinionInfo {
  readonly person: string;
  readonly decision: 'approve' | 'reject';
  readonly atSec: number;
  readonly reason: string | undefined;
}

/** A promotion, as the log tells of it. */
export interface PromotionInfo {
  /** Its place in the log. */
  readonly seq: number;
  readonly set: string;
  readonly environment: string;
  readonly number: number;
  readonly ref: string;
  readonly tag: Oid;
  readonly snapshot: string;
  /** `sha256:` of the snapshot's signed bytes. */
  readonly payload: string;
  readonly action: 'promote' | 'rollback';
  readonly status: PromotionStatus;
  readonly promoter: string;
  readonly author: string | undefined;
  readonly atSec: number;
  /** Since when it counts, or undefined. */
  readonly effectiveAtSec: number | undefined;
  readonly reason: string;
  readonly gates: readonly { readonly name: string; readonly verdict: string }[];
  readonly opinions: readonly OpinionInfo[];
  readonly tally: Tally;
  /** Of a rollback: whether nothing is promoted until somebody resumes the environment. */
  readonly holds: boolean;
  readonly frozen: readonly string[];
  readonly breakGlass: boolean;
}

/** Why nothing is promoted to an environment: a rollback that nobody has resumed it after. */
export interface HoldAfterRollback {
  /** Of the rollback. */
  readonly number: number;
  /** Who rolled back. */
  readonly by: string;
  readonly sinceSec: number;
  readonly reason: string;
}

/** Of `resume`. */
export interface ResumeResult {
  readonly set: string;
  readonly environment: string;
  /** What it was on hold for. */
  readonly hold: HoldAfterRollback;
  /** Who resumed it. */
  readonly by: string;
  readonly reason: string;
}

/** An environment of a set. */
export interface EnvironmentInfo {
  readonly set: string;
  readonly environment: string;
  readonly from: string | undefined;
  readonly live: PromotionInfo | undefined;
  readonly pending: readonly PromotionInfo[];
  /** How long what is live in the environment before must stay there still; undefined where nothing must. */
  readonly soakLeftSec: number | undefined;
  /** Undefined where promotions are taken. */
  readonly hold: HoldAfterRollback | undefined;
  /** Freeze windows that hold now. */
  readonly frozen: readonly string[];
  readonly nextFreeze: { readonly name: string; readonly atSec: number } | undefined;
}

/** Of `promote`. */
export interface PromoteResult {
  readonly outcome: 'live' | 'pending' | 'planned';
  readonly set: string;
  readonly environment: string;
  /** Of a dry run, the number that it would have. */
  readonly number: number;
  readonly snapshot: string;
  readonly action: 'promote' | 'rollback';
  /** What was live before. */
  readonly previous: string | undefined;
  readonly gates: readonly GateOutcome[];
  readonly tally: Tally;
  readonly frozen: readonly string[];
  readonly breakGlass: boolean;
}

/** Of `approve`, `reject`, and withdrawing either. */
export interface DecisionResult {
  readonly decision: 'approve' | 'reject' | 'withdraw';
  readonly promotion: PromotionInfo;
}

/** Of `rollback --env`. */
export interface EnvironmentRollback {
  /** What became of the directory; undefined while approvals are missing. */
  readonly directory: RollbackResult | undefined;
  readonly promotion: PromoteResult;
  /** Whether the environment takes no promotions now until a releaser resumes it. Of a plan: no. */
  readonly isOnHold: boolean;
}
