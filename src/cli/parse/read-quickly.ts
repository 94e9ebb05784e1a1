import type { Program } from '../commands/table.ts';
import type { RunnableCommand } from '../handler.ts';
import { locateCommand } from './locate.ts';
import { type GivenOption, spellOut } from './spell-out.ts';
import { assignWords, checkValues, type RawValues, type ReadValues } from './values.ts';

/** A command line that is right. */
export interface Invocation extends ReadValues {
  readonly command: RunnableCommand;
}

/**
 * Reads a command line that is plainly right, in less than a millisecond. Gives undefined for anything else: help, the
 * version, and every mistake are for `readFully`, which loads yargs and has the last word.
 */
export async function readQuickly(program: Program, argv: readonly string[]): Promise<Invocation | undefined> {
  const { command: located, rest } = locateCommand(program, argv);
  if (located === undefined) return undefined;
  const command = await located.load();
  const { spec } = command;
  const spelled = spellOut(spec, rest);
  if (!spelled.ok || spelled.unknown.length > 0) return undefined;

  const options = valuesOf(spelled.given);
  const positionals = assignWords(spec, spelled.words);
  if (positionals === undefined || options['help'] === true || options['version'] === true) return undefined;
  const checked = checkValues(spec, { ...options, ...positionals });
  return checked.ok ? { command, args: checked.args, global: checked.global } : undefined;
}

/** By name; all values of an option that was given more than once. */
function valuesOf(given: readonly GivenOption[]): RawValues {
  const values: Record<string, true | string[]> = {};
  for (const { option, value } of given) {
    const former = values[option.name];
    if (value === true) values[option.name] = true;
    else if (Array.isArray(former)) former.push(value);
    else values[option.name] = [value];
  }
  return values;
}
