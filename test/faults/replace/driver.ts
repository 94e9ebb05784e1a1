import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { type Effect, type Ended, type Point, type Program, runPlain, runWithFault } from '../strace/run-traced.ts';

/** A directory in which the driver works, and what it is told besides the verb. */
interface Place {
  readonly dir: string;
  readonly args: readonly string[];
}

/** The program of `replace-driver.ts`, to be run by itself. */
export interface Driver {
  programOf(place: Place, verb: string): Program;
  run(place: Place, verb: string): Promise<Ended>;
  runInto(place: Place, verb: string, fault: { point: Point; effect: Effect }): ReturnType<typeof runWithFault>;
}

/** Builds it into a directory. */
export async function buildDriver(into: string): Promise<Driver> {
  const script = join(into, 'driver.cjs');
  const bundle = await rolldown({ input: join(import.meta.dirname, 'replace-driver.ts'), platform: 'node' });
  await bundle.write({ file: script, format: 'cjs' });
  const programOf = ({ dir, args }: Place, verb: string): Program => ({
    script,
    args: [verb, ...args],
    cwd: dir,
    env: process.env,
    disk: dir,
  });
  return {
    programOf,
    run: (place, verb) => runPlain(programOf(place, verb)),
    runInto: (place, verb, fault) => runWithFault(programOf(place, verb), fault),
  };
}
