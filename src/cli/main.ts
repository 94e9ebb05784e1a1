import { SnapshotError } from '../core/errors.ts';
import type { ReplacementState } from './app/app.ts';
import type { ProgramName } from './commands/table.ts';
import { BUG, INTERRUPTED } from './exit-code.ts';
import { main } from './run.ts';
import { type Descriptors, watchedOutput } from './watched-output.ts';

export { main } from './run.ts';

/** Runs a program in the process that it is given: its arguments, streams, signals and exit code. */
export async function runIn(
  name: ProgramName,
  process: NodeJS.Process,
  descriptors: Descriptors = { stdout: 1, stderr: 2 },
): Promise<void> {
  // Should node find nothing to wait for any more before the command has ended, that is no success.
  process.exitCode = BUG;
  let command: string | undefined;
  let isAsking = false;
  let replacement: ReplacementState | undefined;
  let lost: number | undefined;
  const { stdout, stderr } = watchedOutput(process, descriptors, (code) => {
    lost = code;
    process.exitCode = code;
  });
  process.once('SIGINT', () => {
    // A terminal has just shown ^C on the line.
    stderr.write(
      `${stderr.isTTY ? '\n' : ''}${isAsking ? 'error: interrupted; nothing was changed\n' : interruptedText(command, replacement)}`,
    );
    // What is written is always safe to leave: objects first, refs last, a journal before a directory is touched.
    process.exit(INTERRUPTED);
  });
  let cwd: string;
  try {
    cwd = process.cwd();
  } catch (cause) {
    const gone = new SnapshotError('not-found', 'the current directory is not there any more', {
      cause,
      hint: 'Change to a directory that is there.',
    });
    const { reportError } = await import('./tell/report-error.ts');
    process.exitCode = reportError(gone, { stderr }, { json: process.argv.includes('--json'), verbose: false });
    return;
  }
  const exitCode = await main(name, await exactly(process.argv.slice(2)), {
    cwd,
    env: process.env,
    // Made only when it is read: that takes a while, and few commands do.
    get stdin() {
      return process.stdin;
    },
    stdout,
    stderr,
    now: () => Date.now(),
    onStart: (started) => {
      command = started;
    },
    onQuestion: (open) => {
      isAsking = open;
    },
    onReplacement: (state) => {
      replacement = state;
    },
  });
  process.exitCode = lost ?? exitCode;
}

/** Mostly they are what they seem. */
async function exactly(argv: readonly string[]): Promise<readonly string[]> {
  if (!argv.some((text) => text.includes('\ufffd'))) return argv;
  const { exactArguments } = await import('./parse/exact-arguments.ts');
  const { rawArguments } = await import('./raw-arguments.ts');
  return exactArguments(argv, rawArguments);
}

/** Says what state the directory is in, and what to type where that matters. */
function interruptedText(command: string | undefined, replacement: ReplacementState | undefined): string {
  if (command === undefined) return 'error: interrupted; nothing was changed\n';
  if (command !== 'rollback' && command !== 'restore') return 'error: interrupted\n';
  switch (replacement) {
    case undefined:
      return 'error: interrupted; the directory was not changed\n';
    case 'begun':
      return 'error: interrupted; the directory may be half way\nhint: Run "git rollback --continue" to finish it, or "git rollback --abort" to go back to how it was.\n';
    case 'ended':
      return 'error: interrupted; the directory is whole, and nothing is left to do there\nhint: See "git snapshot status".\n';
  }
}
