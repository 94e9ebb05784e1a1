import type { AuditEvent } from '../../core/audit/event.ts';
import type { Measurements } from '../../core/levels/measurements.ts';
import type { Finding } from '../../core/trust/finding.ts';
import type { ServiceLevelReport } from '../levels/results.ts';
import type { KeyInfo } from '../policy/results.ts';
import type { EnvironmentInfo, PromotionInfo } from '../promotion/results.ts';
import type { HoldInfo } from '../retention/hold.ts';
import type { TrashInfo } from '../retention/trash.ts';

/** How things stand in a repository, and what happened in a period. */
export interface RepositoryReport {
  readonly atSec: number;
  /** Begin of the period. */
  readonly sinceSec: number;
  /** What the report can be held against. */
  readonly proof: ReportProof;
  readonly policyExpiresAtSec: number | undefined;
  readonly keys: readonly KeyInfo[];
  readonly levels: ServiceLevelReport;
  readonly sets: readonly SetReport[];
  /** Of the period, newest first. */
  readonly promotions: readonly PromotionInfo[];
  readonly rollbacks: readonly (AuditEvent & { type: 'rollback' })[];
  readonly rehearsals: readonly (AuditEvent & { type: 'rehearsal' })[];
  /** How many events of each kind the period has. */
  readonly events: readonly { readonly type: AuditEvent['type']; readonly count: number }[];
}

/** Names of all that a report rests on: the same names, the same repository. */
export interface ReportProof {
  /** Id of the snapshot repository. */
  readonly repository: string;
  readonly policy: { readonly version: number; readonly digest: string; readonly root: string };
  readonly log: {
    /** The commit of the last event. */
    readonly tip: string | null;
    /** `sha256:` of that commit, as `git cat-file commit` prints it. */
    readonly digest: string | undefined;
    readonly events: number;
    readonly voided: number;
  };
  /** What is wrong with log, refs, tags and notes, as `log --verify` says. */
  readonly findings: readonly Finding[];
}

/** A set in a report. */
export interface SetReport {
  readonly set: string;
  /** As bytes. */
  readonly path: string;
  readonly environments: readonly EnvironmentInfo[];
  readonly kept: number;
  readonly keptBytes: number;
  /** The newest that are kept, newest first. */
  readonly newest: readonly ReportedSnapshot[];
  readonly holds: readonly HoldInfo[];
  readonly trash: readonly TrashInfo[];
  /** What retention would do now, or why it can do nothing. */
  readonly retention: { readonly remove: number; readonly drop: number } | { readonly fault: string };
  readonly measurements: Measurements;
}

/** A snapshot in a report, as its event tells of it. */
interface ReportedSnapshot {
  readonly id: string;
  readonly atSec: number;
  readonly actor: string;
  readonly subject: string;
  readonly files: number;
  readonly bytes: number;
  readonly backup: boolean;
}
