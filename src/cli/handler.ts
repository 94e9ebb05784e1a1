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
  /** As that of the app, with nothing loaded that it does not need. */
  summarize: App['summarize'];
  /** Verifies a file, with no repository opened. */
  verifyExport(options: ExportToVerify): Promise<VerifyResult>;
}

/** A command: what it takes, and what it does. */
export interface RunnableCommand {
  readonly spec: CommandSpec;
  /** Runs it when it has been parsed, and gives the exit code. */
  run(run: CommandRun<ArgValues>): Promise<number>;
}

/**
 * Gives the code of a command its argument types. The reader fills in exactly what the spec says, so the types that are
 * computed from the same spec hold.
 */
export function handle<const Spec extends CommandSpec>(
  spec: Spec,
  run: (run: CommandRun<ArgsOf<Spec>>) => Promise<number>,
): RunnableCommand {
  return { spec, run: (untyped) => run({ ...untyped, args: untyped.args as ArgsOf<Spec> }) };
}
