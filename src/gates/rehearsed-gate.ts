import { durationSec } from '../core/policy/duration-schema.ts';
import { Findings } from './findings.ts';
import type { GateAnswer, GateRun } from './gate-run.ts';

const DAY_SEC = 86_400;
const HOUR_SEC = 3600;

/** Whether a rollback to the snapshot, or to any of the set, was rehearsed lately, and passed. The log was read before; this asks for it. */
export async function runRehearsedGate({ gate, subject }: GateRun<'rehearsed'>): Promise<GateAnswer> {
  const { of = 'set', maxAge = subject.maxRehearsalAge } = gate;
  const what = of === 'set' ? 'of the set' : 'of this snapshot';
  const [last] = subject.rehearsals.filter(({ isOfThis }) => of === 'set' || isOfThis);
  const findings = new Findings();
  if (last === undefined) findings.add(`the log has no rehearsal ${what} that passed`);
  else if (last.ageSec > durationSec(maxAge))
    findings.add(`the last rehearsal ${what} that passed is ${ageText(last.ageSec)} old, and may be ${maxAge}`);
  const [first] = findings.kept;
  return {
    findings,
    looked: `event ${last?.seq ?? 0}: a rehearsal ${what} passed ${ageText(last?.ageSec ?? 0)} ago`,
    inputs: { rehearsal: last?.seq ?? 0, maxAge },
    ...(first === undefined ? {} : { failed: first.message }),
  };
}

function ageText(ageSec: number): string {
  if (ageSec >= 2 * DAY_SEC) return `${Math.floor(ageSec / DAY_SEC)} days`;
  return ageSec >= HOUR_SEC ? `${Math.floor(ageSec / HOUR_SEC)} h` : `${Math.floor(ageSec / 60)} min`;
}
