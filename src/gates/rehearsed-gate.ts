import { spanText } from '../core/length-text.ts';
import { durationSec } from '../core/policy/duration-schema.ts';
import { Findings } from './findings.ts';
import type { GateAnswer, GateRun } from './gate-run.ts';

/** Whether a rollback to the snapshot, or to any of the set, was rehearsed lately, and passed. The log was read before; this asks for it. */
export async function runRehearsedGate({ gate, subject }: GateRun<'rehearsed'>): Promise<GateAnswer> {
  const { of = 'set', maxAge = subject.maxRehearsalAge } = gate;
  const what = of === 'set' ? 'of the set' : 'of this snapshot';
  const [last] = subject.rehearsals.filter(({ isOfThis }) => of === 'set' || isOfThis);
  const findings = new Findings();
  if (last === undefined) findings.add(`the log has no rehearsal ${what} that passed`);
  else if (last.ageSec > durationSec(maxAge))
    findings.add(
      `the last rehearsal ${what} that passed is ${spanText(last.ageSec)} old, and may be ${spanText(durationSec(maxAge))}`,
    );
  const [first] = findings.kept;
  return {
    findings,
    looked: `event ${last?.seq ?? 0}: a rehearsal ${what} passed ${spanText(last?.ageSec ?? 0)} ago`,
    inputs: { rehearsal: last?.seq ?? 0, maxAge },
    ...(first === undefined ? {} : { failed: first.message }),
  };
}
