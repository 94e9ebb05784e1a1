import type { VerifyResult } from '../flows/results.ts';
import type { App } from './app/app.ts';
import type { ExportToVerify } from './app/exchange-app.ts';
import type { ArgsOf, ArgValues, CommandSpec } from './spec.ts';
import type { Io } from './terminal/io.ts';
import type { Output } from './terminal/output.ts';
import type { Prompt } from './terminal/prompt.ts';

/** What a command is run with. */
export interface CommandRun<Args> {
  readonly args: Args;
  /** Absolute path that the command works from: files on the command line are relative to it. */
  readonly directory: string;
  readonly io: Io;
  readonly out: Output;
  readonly prompt: Prompt;
  /** Opens the repository, once. Closed by the caller. */
  app(): Promise<App>;
  /** Verifies a file, with no repository opened. */
  verifyExport(options: ExportToVerify): Promise<VerifyResult>;
}

/** Runs a command that has been parsed, and gives the exit code. */
export type Handler = (run: CommandRun<ArgValues>) => Promise<number>;

/**
 * Gives a handler its argument types. The reader fills in exactly what the table says, so the types that are
 * computed from the same table hold.
 */
export function handle<const Spec extends CommandSpec>(
  _spec: Spec,
  run: (run: CommandRun<ArgsOf<Spec>>) => Promise<number>,
): Handler {
  return (untyped) => run({ ...untyped, args: untyped.args as ArgsOf<Spec> });
}
