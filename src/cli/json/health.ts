import type { HealthOutcome } from '../../flows/results.ts';

/** What the program that is asked after a rollback said. */
export function healthJson({ verdict, attempts, detail, lines }: HealthOutcome) {
  return { verdict, attempts, detail, output: [...lines] };
}
