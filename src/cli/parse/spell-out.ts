import { type CommandSpec, type OptionSpec, optionText } from '../spec.ts';
import { GLOBAL_OPTIONS } from '../specs/global.ts';

/** Tokens in the plainest spelling, or what is wrong with them. */
export type SpelledOut =
  | {
      readonly ok: true;
      /** Options and words, in the order typed. */
      readonly tokens: readonly string[];
      /** The words among them. Parsers take quotes and dashes in words for syntax, so values are read from here. */
      readonly words: readonly string[];
      /** Options that the command has, in the order typed. */
      readonly given: readonly GivenOption[];
      /** Options that the command does not have, without their values. */
      readonly unknown: readonly string[];
    }
  | { readonly ok: false; readonly message: string };

/** An option as it was typed. */
export interface GivenOption {
  readonly option: OptionSpec;
  /** True for a flag. */
  readonly value: string | true;
}

/** Every option that a command takes: its own and the global ones. */
export function optionsOf(spec: CommandSpec): readonly OptionSpec[] {
  return [...spec.options, ...GLOBAL_OPTIONS];
}

/**
 * Spells options as git's users mean them: `-qm fix` is `-q -m fix`, `-mfix` is `-m fix`, and what follows an
 * option that takes a value is its value even if it begins with a dash. Values are joined to their options
 * (`--message="-x"`, `--force=true`), which leaves the parsers nothing to guess. The quotes are for yargs-parser, which takes one
 * pair off every value: without them, a message in quotes would lose its own. Unknown options are left for the
 * parsers to refuse.
 */
export function spellOut(spec: CommandSpec, argv: readonly string[]): SpelledOut {
  const options = optionsOf(spec);
  const tokens: string[] = [];
  const words: string[] = [];
  const given: GivenOption[] = [];
  const unknown: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const token = argv[i] ?? '';
    if (token === '--') return afterDashes({ tokens, words, given, unknown }, argv.slice(i + 1));
    const parts = token.startsWith('--') ? [longOption(options, token)] : shortOptions(options, token);
    for (const { text: typed, option, value } of parts) {
      if (option === undefined) {
        tokens.push(typed);
        if (isWord(typed)) words.push(typed);
        else unknown.push(typed.replace(/=.*$/s, ''));
      } else if (option.type === 'flag') {
        if (value !== undefined) return { ok: false, message: `option '${optionText(option)}' takes no value` };
        tokens.push(`--${option.name}=true`);
        given.push({ option, value: true });
      } else {
        const text = value ?? argv[++i];
        if (text === undefined) return { ok: false, message: `option '${optionText(option)}' needs a value` };
        tokens.push(`--${option.name}="${text}"`);
        given.push({ option, value: text });
      }
    }
  }
  return { ok: true, tokens, words, given, unknown };
}

/** Whether a token is an argument and not an option. */
function isWord(token: string): boolean {
  return token === '-' || !token.startsWith('-');
}

/** After `--` everything is a word; but nothing that a word can name begins with a dash. */
function afterDashes(before: Omit<SpelledOut & { ok: true }, 'ok'>, rest: readonly string[]): SpelledOut {
  const wrong = rest.find((token) => !isWord(token));
  if (wrong !== undefined) return { ok: false, message: `unexpected argument '${wrong}'` };
  return { ok: true, ...before, tokens: [...before.tokens, ...rest], words: [...before.words, ...rest] };
}

interface Part {
  readonly text: string;
  readonly option?: OptionSpec | undefined;
  readonly value?: string | undefined;
}

function longOption(options: readonly OptionSpec[], token: string): Part {
  const equals = token.indexOf('=');
  const name = token.slice(2, equals < 0 ? undefined : equals);
  const option = name.length > 1 ? options.find((candidate) => candidate.name === name) : undefined;
  return { text: token, option, value: equals < 0 ? undefined : token.slice(equals + 1) };
}

function shortOptions(options: readonly OptionSpec[], token: string): Part[] {
  if (isWord(token)) return [{ text: token }];
  const parts: Part[] = [];
  for (let at = 1; at < token.length; at++) {
    const letter = token[at] ?? '';
    const option = options.find(({ name, short }) => name === letter || short === letter);
    if (option === undefined) return [{ text: token }];
    if (option.type !== 'flag') {
      parts.push({ text: token, option, value: token.slice(at + 1) || undefined });
      return parts;
    }
    parts.push({ text: token, option });
  }
  return parts;
}
