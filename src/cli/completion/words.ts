import type { CommandSpec, Completes, OptionSpec } from '../spec.ts';
import { COMMAND_SPECS } from '../specs/all.ts';
import { GLOBAL_OPTIONS } from '../specs/global.ts';

/** What the scripts need to know of a command. */
export interface CompletableCommand {
  readonly names: readonly string[];
  readonly spec: CommandSpec;
  /** Its own options and the global ones, but for the hidden. */
  readonly options: readonly OptionSpec[];
  /** What its first argument is. */
  readonly argument: Completes | readonly string[] | undefined;
  /** What its second is, where that is something else. */
  readonly second: Completes | undefined;
}

/** Every command, from the table. */
export function completableCommands(): CompletableCommand[] {
  const global: readonly OptionSpec[] = GLOBAL_OPTIONS;
  return COMMAND_SPECS.map((spec) => {
    const [positional, next] = spec.positionals;
    const second = next?.completes === positional?.completes ? undefined : next?.completes;
    return {
      names: spec.alias === undefined ? [spec.name] : [spec.name, spec.alias],
      spec,
      options: [...spec.options, ...global].filter(({ hidden }) => !hidden),
      argument: spec.actions?.map(({ name }) => name) ?? positional?.choices ?? positional?.completes,
      second: spec.actions === undefined ? second : undefined,
    };
  });
}

/** How an option is typed: `-m` and `--message`. */
export function spellings({ name, short }: OptionSpec): string[] {
  if (name.length === 1) return [`-${name}`];
  return short === undefined ? [`--${name}`] : [`--${name}`, `-${short}`];
}
