import { SnapshotError } from '../core/errors.ts';
import { systemReason } from '../core/system-reason.ts';
import type { Io } from './terminal/io.ts';
import { StandardStream } from './terminal/standard-streams.ts';

/** The descriptors of a process's standard output and error; undefined where there are only streams. */
export interface Descriptors {
  readonly stdout: number | undefined;
  readonly stderr: number | undefined;
}

/**
 * What a program prints to, watched. Whoever was reading may go (`| head`): that is no mistake. Where something cannot be
 * written, that is said once. The work goes on to its end either way: half done, it would be worse.
 *
 * @param onLost - told the exit code, the first time; that may be after the last command has ended
 */
export function watchedOutput(
  process: Pick<NodeJS.Process, 'argv' | 'stdout' | 'stderr'>,
  descriptors: Descriptors,
  onLost: (exitCode: number) => void,
): Pick<Io, 'stdout' | 'stderr'> {
  let isTold = false;
  const report = async (fault: SnapshotError) => {
    const { reportError } = await import('./tell/report-error.ts');
    onLost(reportError(fault, { stderr }, { json: process.argv.includes('--json'), verbose: false }));
  };
  const onError = (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || isTold) return;
    if (error.code === undefined) throw error;
    isTold = true;
    const message = `cannot write the output: ${systemReason(error.code)}`;
    void report(new SnapshotError('git', message, { cause: error }));
  };
  const watched = (name: 'stdout' | 'stderr') =>
    new StandardStream({ descriptor: descriptors[name], stream: () => process[name], onError });
  const stderr = watched('stderr');
  return { stdout: watched('stdout'), stderr };
}
