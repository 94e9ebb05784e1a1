import type { GateViolation } from '../../core/gates/port.ts';

/** What a gate said. */
export interface GateOutcome {
  readonly name: string;
  readonly type: string;
  readonly verdict: 'pass' | 'fail' | 'error';
  readonly detail: string;
  readonly violations: readonly GateViolation[];
  /** `sha256:` over what it looked at. */
  readonly evidence: string;
  readonly durationMs: number;
}

/** Of `check`. */
export interface GateCheck {
  readonly set: string;
  readonly snapshot: string;
  readonly ok: boolean;
  readonly gates: readonly GateOutcome[];
}
