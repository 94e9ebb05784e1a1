import type { GateSubject } from '../core/gates/port.ts';
import { count, Findings } from './findings.ts';
import type { GateAnswer } from './gate-run.ts';

/** Asks for checks of the verification by name. One that was not made, or that failed once of several times, is a violation. */
export function requireChecks({ checks }: GateSubject, names: readonly string[]): GateAnswer {
  const findings = new Findings();
  for (const name of names) {
    const made = checks.filter(({ check }) => check === name);
    if (made.length === 0) findings.add(`${name}: was not checked`);
    for (const { ok, detail } of made) if (!ok) findings.add(`${name}: ${detail}`);
  }
  const told = checks.filter(({ check }) => names.includes(check)).map(({ check, ok }) => ({ check, ok }));
  return { findings, looked: `${count(names.length, 'check')}: ${names.join(', ')}`, inputs: { checks: told } };
}
