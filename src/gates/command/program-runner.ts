import { statSync } from 'node:fs';
import { type ByteString, displayBytes, utf8Decode } from '../../core/byte-string.ts';
import { SnapshotError } from '../../core/errors.ts';
import type { ProgramEnd, ProgramRunner, ProgramToRun } from '../../core/programs.ts';
import { commandEnvironment } from './command-environment.ts';
import { describeEnd } from './describe-end.ts';
import { printedLines } from './printed-lines.ts';
import { runCommand } from './run-command.ts';

const MAX_OUTPUT_BYTES = 64 * 1024;

/** Runs programs of a policy as its gates of type `command` are run, in one directory. */
export function createProgramRunner({
  directory: bytes,
  env,
}: {
  /** Absolute path. */
  readonly directory: ByteString;
  /** The environment from which programs get the variables that they may see. */
  readonly env: Readonly<Record<string, string | undefined>>;
}): ProgramRunner {
  return {
    run: async (program) => {
      const directory = utf8Decode(bytes);
      if (directory === undefined) return notStarted(`cannot start it in '${displayBytes(bytes)}': not UTF-8`);
      // Else it would be said of the program that it is not there.
      if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory())
        return notStarted(`cannot start it in '${directory}': no such directory`);
      try {
        return await runInTime(program, { directory, env: commandEnvironment(env, program.environment) });
      } catch (error) {
        if (!(error instanceof SnapshotError)) throw error;
        return notStarted(error.message);
      }
    },
  };
}

function notStarted(how: string): ProgramEnd {
  return { ok: false, how, lines: [] };
}

async function runInTime(
  { argv, timeoutSec }: ProgramToRun,
  place: { readonly directory: string; readonly env: Readonly<Record<string, string>> },
): Promise<ProgramEnd> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), timeoutSec * 1000);
  try {
    const end = await runCommand({ argv, ...place, maxOutputBytes: MAX_OUTPUT_BYTES, signal: abort.signal });
    const lines = printedLines(end.output);
    if (abort.signal.aborted) return { ok: false, how: `no answer after ${timeoutSec} s, its time limit`, lines };
    return { ok: end.exitCode === 0, how: describeEnd(end), lines };
  } finally {
    clearTimeout(timer);
  }
}
