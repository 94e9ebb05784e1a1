import type { AuditEvent } from '../audit/event.ts';
import type { Oid } from '../oid.ts';
import type { KeyId } from '../signing.ts';
import type { Tally } from './tally.ts';

/** A snapshot was taken. */
export type SnapshotEvent = AuditEvent & { type: 'snapshot' };
/** A snapshot was put up for an environment. */
export type PromotionEvent = AuditEvent & { type: 'promotion' };
/** Somebody said what they think of a promotion. */
export type ApprovalEvent = AuditEvent & { type: 'approval' };

/** An environment takes promotions again. */
export type ResumeEvent = AuditEvent & { type: 'resume' };

/** What somebody says of a promotion, the last word of each person. */
export interface Opinion {
  readonly person: string;
  readonly key: KeyId;
  readonly decision: 'approve' | 'reject';
  readonly event: ApprovalEvent;
  readonly oid: Oid;
}

/** A promotion, and what became of it. */
export interface PromotionState {
  readonly event: PromotionEvent;
  /** The commit of its event. */
  readonly oid: Oid;
  readonly promoter: string;
  /** Who took the snapshot; undefined if the log does not tell. */
  readonly author: string | undefined;
  /** The key that they took it with: people may be called otherwise later. */
  readonly authorKey?: KeyId | undefined;
  readonly opinions: readonly Opinion[];
  /** From which event on it counts; undefined while it waits. */
  readonly effective: { readonly seq: number; readonly atSec: number; readonly tally: Tally } | undefined;
  /** Of a rollback after which, by the policy in force then, nothing is promoted until somebody resumes it. */
  readonly hold?: { readonly resumed: ResumeEvent | undefined };
}

/** A rule of promotion that is broken. */
export interface PromotionFault {
  readonly rule: string;
  readonly detail: string;
}
