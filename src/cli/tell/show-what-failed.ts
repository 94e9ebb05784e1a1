import type { CommandRun } from '../handler.ts';
import { PLAIN } from '../terminal/output.ts';

/**
 * Tells everything that gates found, or what a health program said, on standard error, before it is told that they are in the way.
 * Under `--json` the error has it.
 */
export async function showWhatFailed<Result>(
  { io, out }: Pick<CommandRun<unknown>, 'io' | 'out'>,
  work: Promise<Result>,
): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    const lines = out.settings.json ? [] : await failedLines(error, out.settings);
    if (lines.length > 0) io.stderr.write(`${lines.join('\n')}\n`);
    throw error;
  }
}

async function failedLines(error: unknown, settings: { readonly verbose: boolean }): Promise<string[]> {
  const { GatesFailedError } = await import('../../flows/gates/gates-failed-error.ts');
  if (error instanceof GatesFailedError) {
    const { renderGates } = await import('../render/gates.ts');
    return renderGates(PLAIN, error.gates, settings);
  }
  const { HealthFailedError } = await import('../../flows/rollback/health-failed-error.ts');
  if (!(error instanceof HealthFailedError)) return [];
  const { renderHealth } = await import('../render/health.ts');
  const { health, former } = error;
  if (former === undefined) return renderHealth(PLAIN, { health, title: 'health' }, settings);
  return [
    ...renderHealth(PLAIN, { health, title: 'health after the rollback' }, settings),
    ...renderHealth(PLAIN, { health: former, title: 'health after going back' }, settings),
  ];
}
