import type { Check } from './judge-snapshot.ts';

/** Gives the function that holds what a tag says against what its event says, and adds the check to these. */
export function expecting(checks: Check[], seq: number): (check: string, found: unknown, expected: unknown) => void {
  return (check, found, expected) => {
    checks.push(
      found === expected
        ? { check, ok: true, detail: String(found) }
        : { check, ok: false, detail: `the tag says ${String(found)}, event ${seq} says ${String(expected)}` },
    );
  };
}
