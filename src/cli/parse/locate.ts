import type { Command, Program } from '../commands/table.ts';
import type { OptionSpec } from '../spec.ts';
import { GLOBAL_OPTIONS } from '../specs/global.ts';

/** Which command a command line means, and what is left for it. */
export interface Located {
  /** Undefined where the word names none. */
  readonly command: Command | undefined;
  /** The word that was taken for the command's name, if one was. */
  readonly word: string | undefined;
  /** Everything but that word. */
  readonly rest: readonly string[];
}

/**
 * Finds the command: the first word, with nothing but global options before it. Where another option stands
 * before any word, as in `git snapshot -m x`, no command is named and the program's usual one is meant.
 */
export function locateCommand(program: Program, argv: readonly string[]): Located {
  const unnamed = { command: program.fallback, word: undefined, rest: argv };
  if (program.commands.length === 0) return unnamed;
  for (let i = 0; i < argv.length; i++) {
    const token = argv[i] ?? '';
    if (!token.startsWith('-') || token === '-') {
      const command = program.commands.find(({ name, alias }) => name === token || alias === token);
      return { command, word: token, rest: argv.toSpliced(i, 1) };
    }
    const option = globalOption(token);
    if (option === undefined) return unnamed;
    if (option.type !== 'flag' && !hasValue(token)) i++;
  }
  return unnamed;
}

function globalOption(token: string): OptionSpec | undefined {
  const options: readonly OptionSpec[] = GLOBAL_OPTIONS;
  if (token.startsWith('--')) return options.find(({ name }) => `--${name}` === token);
  // A cluster such as -qv, or -C with its value: all of it must be global.
  const letters = [...token.slice(1)];
  for (const letter of letters) {
    const option = options.find(({ name, short }) => name === letter || short === letter);
    if (option === undefined || option.type !== 'flag') return option;
  }
  return options.find(({ short }) => short === letters.at(-1));
}

function hasValue(token: string): boolean {
  return !token.startsWith('--') && !token.endsWith('C');
}
