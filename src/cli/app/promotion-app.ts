import type { GateCheck } from '../../flows/gates/results.ts';
import type {
  DecisionResult,
  EnvironmentInfo,
  EnvironmentRollback,
  HoldAfterRollback,
  PromoteResult,
  PromotionInfo,
  ResumeResult,
} from '../../flows/promotion/results.ts';
import type { ReviewResult } from '../../flows/promotion/review-result.ts';

/** The set that is meant; undefined: the flow decides. */
interface SetChoice {
  readonly set: string | undefined;
}

interface EnvironmentChoice extends SetChoice {
  readonly environment: string;
}

/** Environments, and what is promoted to them. */
export interface PromotionApp {
  promote(
    options: EnvironmentChoice & {
      /** A selector. */
      readonly snapshot: string;
      /** Undefined: that is refused, once nothing else is in the way. */
      readonly message: string | undefined;
      readonly dryRun: boolean;
      readonly breakGlass: boolean;
      readonly confirm: ((plan: PromoteResult) => Promise<void>) | undefined;
    },
  ): Promise<PromoteResult>;
  decide(
    options: EnvironmentChoice & {
      /** Undefined: the only one that waits. */
      readonly number: number | undefined;
      readonly decision: 'approve' | 'reject' | 'withdraw';
      /** Undefined: that is refused, once nothing else is in the way. */
      readonly message: string | undefined;
      readonly confirm: ((promotion: PromotionInfo) => Promise<void>) | undefined;
    },
  ): Promise<DecisionResult>;
  /** Reads and judges; writes nothing. */
  review(
    options: SetChoice & {
      /** Undefined: wherever one waits. */
      readonly environment: string | undefined;
      /** Undefined: the one that waits. */
      readonly number: number | undefined;
      /** Reads no content. */
      readonly quick: boolean;
      /** Runs the gates now, too. */
      readonly rerun: boolean;
    },
  ): Promise<ReviewResult>;
  /** In the order of promotion. */
  environments(options: SetChoice): Promise<readonly EnvironmentInfo[]>;
  /** Newest first. */
  list(
    options: SetChoice & {
      readonly environment: string | undefined;
      readonly limit: number | undefined;
      readonly pending: boolean;
    },
  ): Promise<readonly PromotionInfo[]>;
  /** Lets promotions into an environment again that is on hold since a rollback. */
  resume(
    options: EnvironmentChoice & {
      /** Undefined: that is refused, once nothing else is in the way. */
      readonly message: string | undefined;
      readonly confirm: ((hold: HoldAfterRollback) => Promise<void>) | undefined;
    },
  ): Promise<ResumeResult>;
  /** `gates`: names; empty: all. */
  check(options: SetChoice & { readonly snapshot: string; readonly gates: readonly string[] }): Promise<GateCheck>;
  rollback(
    options: EnvironmentChoice & {
      readonly snapshot: string | undefined;
      readonly steps: number | undefined;
      readonly message: string | undefined;
      readonly dryRun: boolean;
      readonly pastGates?: boolean;
      /** With the plan for the directory, where anything of it changes, and the promotion. */
      readonly confirm: ((plan: EnvironmentRollback) => Promise<void>) | undefined;
    },
  ): Promise<EnvironmentRollback>;
}
