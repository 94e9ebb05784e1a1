import { SnapshotError } from '../../core/errors.ts';
import type { GateOutcome } from './results.ts';

/** Gates did not pass. It has what each of them said, for those who can show it. */
export class GatesFailedError extends SnapshotError {
  readonly gates: readonly GateOutcome[];

  constructor(gates: readonly GateOutcome[], { snapshot, environment }: { snapshot: string; environment: string }) {
    const failed = gates.filter(({ verdict }) => verdict !== 'pass');
    const what = failed.map(({ name, verdict, detail }) => `${name}: ${verdict}: ${detail}`).join('; ');
    super('gate', `'${snapshot}' may not go to ${environment}: ${what}`, {
      hint: `Run "git snapshot check ${snapshot}" to see every violation.`,
    });
    this.gates = gates;
  }
}

/** @throws {GatesFailedError} unless every gate passed */
export function requirePassed(
  gates: readonly GateOutcome[],
  what: { readonly snapshot: string; readonly environment: string },
): void {
  if (gates.some(({ verdict }) => verdict !== 'pass')) throw new GatesFailedError(gates, what);
}
