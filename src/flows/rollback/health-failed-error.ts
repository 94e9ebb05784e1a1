import { displayBytes } from '../../core/byte-string.ts';
import { SnapshotError } from '../../core/errors.ts';
import type { RescuedFile } from '../../core/rollback/port.ts';
import type { HealthOutcome } from '../results.ts';

/** A rollback was taken back, since the program that is asked afterwards was not content. What it said is with it. */
export class HealthFailedError extends SnapshotError {
  readonly health: HealthOutcome;
  /** What it said once the directory was again what it was before. Nothing is done about it. */
  readonly former: HealthOutcome;

  constructor({
    health,
    former,
    rescued,
  }: Pick<HealthFailedError, 'health' | 'former'> & { rescued: readonly RescuedFile[] }) {
    const was =
      former.verdict === 'pass'
        ? 'What is there again is well'
        : `What is there again is not well, either: ${former.detail}`;
    super('gate', `the health check did not pass: ${describeHealth(health)}; everything was taken back`, {
      hint: `${was}.${keptText(rescued)}\nTo go back whatever it says, run it again with --past-gates -m WHY.`,
    });
    this.health = health;
    this.former = former;
  }
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
