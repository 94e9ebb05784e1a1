import { Findings } from '../findings.ts';
import type { GateAnswer, GateRun } from '../gate-run.ts';
import { commandEnvironment } from './command-environment.ts';
import { describeEnd } from './describe-end.ts';
import { printedLines } from './printed-lines.ts';
import { type CommandEnd, runCommand } from './run-command.ts';

const DEFAULT_OUTPUT_BYTES = 64 * 1024;
const EXIT_PASS = 0;
const EXIT_FAIL = 1;

/** Whether a program is content with the snapshot: exit code 0 is a pass, 1 a fail, and all else no verdict. */
export async function runCommandGate({
  gate,
  subject,
  services,
  signal,
  checkTime,
}: GateRun<'command'>): Promise<GateAnswer> {
  const env = commandEnvironment(services.env, gate.environment ?? []);
  const { directory, remove } = await subject.checkOut();
  let end: CommandEnd;
  try {
    checkTime();
    const maxOutputBytes = gate.maxOutputBytes ?? DEFAULT_OUTPUT_BYTES;
    end = await runCommand({ argv: gate.argv, directory, env, maxOutputBytes, signal });
  } finally {
    await remove();
  }
  const inputs = { environment: Object.keys(env).toSorted() };
  const findings = new Findings();
  const how = describeEnd(end);
  if (end.exitCode === EXIT_PASS) return { findings, looked: how, inputs };

  const lines = printedLines(end.output);
  for (const line of lines) findings.add(line);
  if (lines.length === 0) findings.add('it printed nothing');
  const answer = { findings, looked: how, failed: how, inputs };
  return end.exitCode === EXIT_FAIL ? answer : { ...answer, error: how };
}
