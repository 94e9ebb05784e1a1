import { displayBytes } from '../../core/byte-string.ts';
import { SnapshotError } from '../../core/errors.ts';
import type { RescuedFile } from '../../core/rollback/port.ts';
import type { HealthOutcome } from '../results.ts';

/**
 * The program that is asked after a rollback was not content. What it said is with it. The rollback was taken back; or the
 * directory was what was wanted before it began, and there was nothing to take back.
 */
export class HealthFailedError extends SnapshotError {
  readonly health: HealthOutcome;
  /** What it said once the directory was again what it was before. Nothing is done about it. Undefined: nothing was taken back. */
  readonly former: HealthOutcome | undefined;

  constructor(health: HealthOutcome, back: WayBack | undefined) {
    const end = back === undefined ? 'nothing was changed' : 'everything was taken back';
    super('gate', `the health check did not pass: ${describeHealth(health)}; ${end}`, {
      hint: `${stateText(back)}\nTo go back whatever it says, run it again with --past-gates -m WHY.`,
    });
    this.health = health;
    this.former = back?.former;
  }
}

/** What came of taking a rollback back. */
interface WayBack {
  readonly former: HealthOutcome;
  readonly rescued: readonly RescuedFile[];
}

function stateText(back: WayBack | undefined): string {
  if (back === undefined) return 'The directory was at that snapshot before.';
  const { former, rescued } = back;
  const was =
    former.verdict === 'pass'
      ? 'What is there again is well'
      : `What is there again is not well, either: ${former.detail}`;
  return `${was}.${keptText(rescued)}`;
}

/** `exit code 1, in the last of 3 attempts`. */
export function describeHealth({ attempts, detail }: HealthOutcome): string {
  return attempts === 1 ? detail : `${detail}, in the last of ${attempts} attempts`;
}

/** Where what other programs wrote meanwhile is. Empty where they wrote nothing. */
export function keptText(rescued: readonly RescuedFile[]): string {
  return rescued
    .map(({ path, keptAs }) => ` What '${displayBytes(path)}' held meanwhile is in '${displayBytes(keptAs)}'.`)
    .join('');
}
