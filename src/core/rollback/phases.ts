/** What a rollback does, in this order. Which of them there are depends on what is asked for, and on the policy. */
export const ROLLBACK_PHASES = [
  'resolve',
  'verify',
  'scan',
  'plan',
  'gates',
  'backup',
  'stage',
  'apply',
  'check',
  'health',
  'record',
] as const;

/** The name of a phase. `check`: the directory is read again from the disk. */
export type RollbackPhase = (typeof ROLLBACK_PHASES)[number];

/** How long a phase took. */
export interface PhaseTime {
  readonly phase: RollbackPhase;
  /** Whole milliseconds. */
  readonly ms: number;
}
