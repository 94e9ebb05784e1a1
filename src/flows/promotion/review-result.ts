import type { EnvironmentRules } from '../../core/promotion/rules.ts';
import type { KeyId } from '../../core/signing.ts';
import type { SnapshotInfo } from '../../core/snapshot/snapshot-info.ts';
import type { GateOutcome } from '../gates/results.ts';
import type { Change, CheckResult } from '../results.ts';
import type { HoldAfterRollback, PromotionInfo } from './results.ts';

/** All that a reviewer of a promotion needs. */
export interface ReviewResult {
  readonly promotion: PromotionInfo;
  /** What its tag says below the reason; undefined where that is nothing, or where the tag is not to be believed. */
  readonly body: string | undefined;
  readonly rules: EnvironmentRules;
  /** What is live in the environment now. */
  readonly live: PromotionInfo | undefined;
  readonly snapshot: ReviewedSnapshot;
  /** What it takes the place of: live when its turn came. Undefined for the first of an environment. */
  readonly before: ReviewedSnapshot | undefined;
  /** Of the promotion's tag. */
  readonly checks: readonly CheckResult[];
  /** Whether every byte of content was read and hashed. */
  readonly isDeep: boolean;
  /** From `before` (or from nothing) to `snapshot`; undefined where one of them cannot be read. */
  readonly changes: readonly Change[] | undefined;
  readonly gates: readonly ReviewedGate[];
  /** Who signed what, oldest first. */
  readonly signers: readonly ReviewSigner[];
  readonly missing: MissingApprovals;
  /** The environment that it comes from; undefined where the rules name none. */
  readonly origin: ReviewOrigin | undefined;
  /** The rollback that the environment is on hold for: nothing is promoted or approved, but going back. */
  readonly hold: HoldAfterRollback | undefined;
  /** Freeze windows that hold now. Approving is possible in them, promoting is not. */
  readonly frozen: readonly string[];
  readonly nextFreeze: { readonly name: string; readonly atSec: number } | undefined;
  /** The policy that it was promoted under, and the one that is in force. */
  readonly policy: { readonly made: PolicyName; readonly current: PolicyName };
  /** Whether every check is good, and every gate that was run now passed. */
  readonly isSound: boolean;
}

/** A version of the policy by number and `sha256:` digest. */
interface PolicyName {
  readonly version: number;
  readonly digest: string;
}

/** A snapshot of the comparison. */
export interface ReviewedSnapshot {
  readonly id: string;
  /** Number of the promotion that put it up. */
  readonly number: number;
  /** Undefined where its tag cannot be read; the checks say why. */
  readonly info: SnapshotInfo | undefined;
  readonly checks: readonly CheckResult[];
}

/** A gate that the environment asks for, or that was run. */
export interface ReviewedGate {
  readonly name: string;
  /** Undefined where the policy has no gate of that name any more. */
  readonly type: string | undefined;
  /** Whether the environment asks for it now. */
  readonly isRequired: boolean;
  /** What the promotion's tag says; undefined where it was not run then. */
  readonly recorded: { readonly verdict: GateOutcome['verdict']; readonly evidence: string } | undefined;
  /** What it says now; undefined where it was not run. */
  readonly rerun: GateOutcome | undefined;
}

/** Somebody who put their name to it. */
export interface ReviewSigner {
  readonly deed: 'took the snapshot' | 'promoted' | 'approved' | 'rejected';
  readonly person: string;
  /** As the policy has it; undefined where it does not know the person any more. */
  readonly name: string | undefined;
  readonly key: KeyId;
  readonly atSec: number;
  readonly reason: string | undefined;
  /** Why an approval or a rejection does not count; undefined where it does. */
  readonly leftOut: string | undefined;
}

/** What it still waits for. */
export interface MissingApprovals {
  /** How many approvals. Zero where it has them all, or needs none. */
  readonly count: number;
  /** Who could give one that counts. */
  readonly people: readonly { readonly person: string; readonly name: string | undefined }[];
  /** Whose rejections stop it. */
  readonly rejectedBy: readonly string[];
}

/** Where it has to be live first. */
export interface ReviewOrigin {
  readonly environment: string;
  /** What is live there now. */
  readonly snapshot: string | undefined;
  /** Whether that is the snapshot under review. */
  readonly isSame: boolean;
  /** How long it must stay there still before it may go on; undefined where it is not live there. */
  readonly soakLeftSec: number | undefined;
}
