import type { BytePath } from '../../core/entry.ts';
import type { WrittenRules } from '../../core/retention/rules.ts';
import type { PruneOutcome } from '../../flows/retention/apply-prune.ts';
import type { EraseResult } from '../../flows/retention/erase.ts';
import type { HoldInfo } from '../../flows/retention/hold.ts';
import type { PrunePlan } from '../../flows/retention/plan-prune.ts';
import type { SimulatedPlan, SimulationOptions } from '../../flows/retention/simulate-prune.ts';
import type { TrashInfo } from '../../flows/retention/trash.ts';

/** What is kept, and what is removed. */
export interface RetentionApp {
  /** Changes nothing. */
  plan(options: {
    /** Undefined: the flow decides. */
    readonly set: string | undefined;
    /** Instead of the policy's. */
    readonly rules: WrittenRules | undefined;
  }): Promise<PrunePlan>;
  /** Bytes that would come free with what a plan removes, once all grace periods are over. */
  freedBytes(plan: PrunePlan): Promise<number>;
  apply(options: {
    readonly set: string | undefined;
    /** Digest of the plan that was looked at. */
    readonly plan: string | undefined;
    readonly maxRemove: number | undefined;
    readonly confirm: ((plan: PrunePlan) => Promise<void>) | undefined;
  }): Promise<PruneOutcome>;
  /** Undefined: neither the policy nor anybody asked for it, or it was refused, which is told. */
  pruneAfterCreate(options: {
    readonly set: string | undefined;
    readonly asked: boolean;
  }): Promise<PruneOutcome | undefined>;
  hold(options: {
    readonly set: string | undefined;
    /** A selector. */
    readonly snapshot: string;
    readonly case: string;
    /** Undefined: that is refused, once nothing else is in the way. */
    readonly message: string | undefined;
    readonly untilSec: number | undefined;
  }): Promise<HoldInfo>;
  release(options: {
    readonly set: string | undefined;
    readonly snapshot: string | undefined;
    readonly case: string | undefined;
    /** Undefined: that is refused, once nothing else is in the way. */
    readonly message: string | undefined;
  }): Promise<HoldInfo>;
  /** Oldest first. */
  holds(options: { readonly set: string | undefined; readonly all: boolean }): Promise<readonly HoldInfo[]>;
  /** Newest first. */
  trash(set: string | undefined): Promise<readonly TrashInfo[]>;
  undelete(options: {
    readonly set: string | undefined;
    readonly snapshots: readonly string[];
    readonly message: string | undefined;
  }): Promise<readonly { readonly set: string; readonly snapshot: string }[]>;
  erase(options: {
    readonly set: string | undefined;
    readonly snapshots: readonly string[];
    readonly path: BytePath | undefined;
    /** Undefined: that is refused, once nothing else is in the way. */
    readonly message: string | undefined;
    readonly dryRun: boolean;
    readonly confirm: ((planned: EraseResult) => Promise<void>) | undefined;
  }): Promise<EraseResult>;
  /** Takes out what is left here of what was erased. */
  purge(set: string | undefined): Promise<EraseResult>;
}

/** What needs no repository: rules are tried on snapshots in a file. */
export type SimulatePrune = (options: SimulationOptions) => Promise<SimulatedPlan>;
