import { SnapshotError } from '../../core/errors.ts';
import type { GateOutcome } from './results.ts';

/** What gates stand in the way of. */
export interface Refusal {
  /** What is not done: the beginning of the message. */
  readonly refused: string;
  readonly hint: string;
}

/** Gates did not pass. It names them; what each of them found is with it, for those who can show it. */
export class GatesFailedError extends SnapshotError {
  readonly gates: readonly GateOutcome[];

  constructor(gates: readonly GateOutcome[], { refused, hint }: Refusal) {
    const failed = gates.filter(({ verdict }) => verdict !== 'pass').map(({ name }) => name);
    const which = failed.length === 1 ? 'the gate' : 'the gates';
    super('gate', `${refused}: ${which} ${failed.join(', ')} did not pass`, { hint });
    this.gates = gates;
  }
}
