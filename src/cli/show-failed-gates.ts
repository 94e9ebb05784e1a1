import type { CommandRun } from './handler.ts';
import { PLAIN } from './terminal/output.ts';

/** Tells everything that gates found, on standard error, before it is told that they are in the way. Under `--json` the error has it. */
export async function showFailedGates<Result>(
  { io, out }: Pick<CommandRun<unknown>, 'io' | 'out'>,
  work: Promise<Result>,
): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    const { GatesFailedError } = await import('../flows/gates/require-passed.ts');
    if (error instanceof GatesFailedError && !out.settings.json) {
      const { renderGates } = await import('./render/gates.ts');
      io.stderr.write(`${renderGates(PLAIN, error.gates, out.settings).join('\n')}\n`);
    }
    throw error;
  }
}
