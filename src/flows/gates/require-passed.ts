import { GatesFailedError, type Refusal } from './gates-failed-error.ts';
import type { GateOutcome } from './results.ts';

/** @throws {GatesFailedError} unless every gate passed */
export function requirePassed(gates: readonly GateOutcome[], refusal: Refusal): void {
  if (gates.some(({ verdict }) => verdict !== 'pass')) throw new GatesFailedError(gates, refusal);
}
