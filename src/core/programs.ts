/** A program that a policy names. */
export interface ProgramToRun {
  /** The program, by a name on the PATH or an absolute path, and its arguments. */
  readonly argv: readonly string[];
  /** Variables that it may see, besides `PATH`. */
  readonly environment: readonly string[];
  /** Seconds after which it is killed, with all that it has started. */
  readonly timeoutSec: number;
}

/** How a program ended. */
export interface ProgramEnd {
  /** Exit code 0. One that could not be started, or was killed, is not content. */
  readonly ok: boolean;
  /** In a few words: `exit code 1`. */
  readonly how: string;
  /** The first of what it printed, its two streams together, line by line, without colours. Not escaped. */
  readonly lines: readonly string[];
}

/** Runs programs in one directory, with no shell, no input, and an environment that holds nothing but what is named. */
export interface ProgramRunner {
  /** Runs it to its end. Whatever goes wrong with it is in how it ended, and not thrown. */
  run(program: ProgramToRun): Promise<ProgramEnd>;
}
