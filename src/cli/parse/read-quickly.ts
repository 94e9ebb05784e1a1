import parse from 'yargs-parser';
import type { Program } from '../commands/table.ts';
import type { RunnableCommand } from '../handler.ts';
import { locateCommand } from './locate.ts';
import { optionsOf, spellOut } from './spell-out.ts';
import { assignWords, checkValues, PARSER_CONFIGURATION, type ReadValues } from './values.ts';

/** A command line that is right. */
export interface Invocation extends ReadValues {
  readonly command: RunnableCommand;
}

/**
 * Reads a command line that is plainly right, in a millisecond or two. Gives undefined for anything else: help, the
 * version, and every mistake are for `readFully`, which loads yargs and has the last word.
 */
export async function readQuickly(program: Program, argv: readonly string[]): Promise<Invocation | undefined> {
  const { command: located, rest } = locateCommand(program, argv);
  if (located === undefined) return undefined;
  const command = await located.load();
  const { spec } = command;
  const spelled = spellOut(spec, rest);
  if (!spelled.ok || spelled.unknown.length > 0) return undefined;

  const options = optionsOf(spec);
  const { argv: found, error } = parse.detailed([...spelled.tokens], {
    boolean: options.filter(({ type }) => type === 'flag').map(({ name }) => name),
    string: options.filter(({ type }) => type !== 'flag').map(({ name }) => name),
    configuration: PARSER_CONFIGURATION,
  });
  const { _: _words, ...given } = found;
  if (error !== null || given['help'] === true || given['version'] === true) return undefined;
  if (Object.keys(given).some((name) => !options.some((option) => option.name === name))) return undefined;

  const positionals = assignWords(spec, spelled.words);
  if (positionals === undefined) return undefined;
  const checked = checkValues(spec, { ...given, ...positionals });
  return checked.ok ? { command, args: checked.args, global: checked.global } : undefined;
}
