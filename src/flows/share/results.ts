import type { AuditEvent } from '../../core/audit/event.ts';
import type { LogRelation } from '../../core/share/relate-logs.ts';
import type { MoveCount } from '../../core/share/target-refs.ts';

/** An event that was signed again, since it was put on top of the remote's. */
export interface RebasedEvent {
  readonly type: AuditEvent['type'];
  /** In one line, as it is now. */
  readonly description: string;
  readonly seqBefore: number;
  readonly seqAfter: number;
  /** What its promotion was called before, such as `staging/2`; undefined: it has the name that it had, or none. */
  readonly was: string | undefined;
  /** Whether it comes with another tag, or names things otherwise. */
  readonly changed: boolean;
}

/** An event of ours that is not in the log any more. */
export interface LeftOutEvent {
  readonly type: AuditEvent['type'];
  readonly description: string;
  readonly seq: number;
  readonly reason: string;
}

/** Numbers of a log: its last event, and the policy in force; 0 where there is none. */
export interface LogNumbers {
  readonly seq: number;
  readonly policyVersion: number;
}

/** What was exchanged with a remote, or would be. */
export interface ShareResult {
  readonly remote: string;
  readonly dryRun: boolean;
  /** How our log stood to the remote's. `no-remote`: it has nothing of ours; `no-local`: we had nothing. */
  readonly relation: LogRelation | 'no-remote' | 'no-local';
  readonly ours: { readonly before: LogNumbers; readonly after: LogNumbers };
  readonly theirs: { readonly before: LogNumbers; readonly after: LogNumbers };
  /** What changed here. */
  readonly received: readonly MoveCount[];
  /** What changed there. */
  readonly sent: readonly MoveCount[];
  readonly rebased: readonly RebasedEvent[];
  readonly leftOut: readonly LeftOutEvent[];
  /** Below which refs is what gave way here. */
  readonly keptBelow: string | undefined;
}
