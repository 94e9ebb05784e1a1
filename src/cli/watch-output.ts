import { SnapshotError } from '../core/errors.ts';
import { systemReason } from '../core/system-reason.ts';
import { reportError } from './tell/report-error.ts';

/**
 * Watches over what a program prints. Whoever was reading may go (`| head`): that is no mistake. Where something cannot be
 * written, that is said once. The work goes on to its end either way: half done, it would be worse.
 *
 * @param onLost - told the exit code, the first time; that may be after the last command has ended
 */
export function watchOutput(
  process: Pick<NodeJS.Process, 'argv' | 'stdout' | 'stderr'>,
  onLost: (exitCode: number) => void,
): void {
  let isTold = false;
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE' || isTold) return;
      if (error.code === undefined) throw error;
      isTold = true;
      const message = `cannot write the output: ${systemReason(error.code)}`;
      const fault = new SnapshotError('git', message, { cause: error });
      onLost(reportError(fault, process, { json: process.argv.includes('--json'), verbose: false }));
    });
  }
}
