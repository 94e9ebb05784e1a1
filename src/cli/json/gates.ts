import type { GateOutcome } from '../../flows/gates/results.ts';
import { pathJson } from './snapshot.ts';

/** A gate with all that it found. */
export function gateJson({ name, type, verdict, detail, violations, evidence, durationMs }: GateOutcome) {
  return {
    name,
    type,
    verdict,
    detail,
    violations: violations.map(({ path, pointer, message }) => ({
      ...(path === undefined ? { path: null } : pathJson(path)),
      pointer: pointer ?? null,
      message,
    })),
    evidence,
    durationMs,
  };
}
