import { fileURLToPath } from 'node:url';
import yargs from 'yargs';
import type { Program } from '../commands/table.ts';
import { PLAYBOOK } from '../package-files.ts';
import type { CommandSpec } from '../spec.ts';
import { COMMAND_SPECS } from '../specs/all.ts';
import { actionSpec } from './action-spec.ts';
import { commandHelp, overview } from './help.ts';
import { joinWords } from './join-words.ts';
import { locateCommand } from './locate.ts';
import { commandsFor } from './other-words.ts';
import type { Invocation } from './read-quickly.ts';
import { optionsOf, type SpelledOut, spellOut } from './spell-out.ts';
import { suggest } from './suggest.ts';
import { checkValues, type RawValues } from './values.ts';

/** How yargs is set up: no guessing, and everything is text. */
const PARSER_CONFIGURATION = {
  'boolean-negation': false,
  'camel-case-expansion': false,
  'dot-notation': false,
  'duplicate-arguments-array': true,
  'greedy-arrays': false,
  'parse-numbers': false,
  'parse-positional-numbers': false,
  'short-option-groups': false,
  'strip-aliased': true,
} as const;

/** What a command line asks for. */
export type Reading =
  | { readonly kind: 'run'; readonly invocation: Invocation }
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'version' }
  | { readonly kind: 'wrong'; readonly message: string; readonly hint: string };

/** Reads any command line, with yargs. `widthCells` is that of the terminal, for help. */
export async function readFully(program: Program, argv: readonly string[], widthCells: number): Promise<Reading> {
  const [first, ...others] = argv;
  if (program.commands.length > 0 && first === 'help') return readFully(program, [...others, '--help'], widthCells);

  const { command: located, word, rest } = locateCommand(program, argv);
  if (located === undefined) {
    if (word === undefined && asksFor(argv, ['-h', '--help']))
      return { kind: 'help', text: withPlaybook(await overview(widthCells)) };
    return unknownCommand(program, word ?? '');
  }
  const command = await located.load();
  const { spec } = command;
  const spelled = spellOut(spec, rest);
  const tokens = spelled.ok ? spelled.tokens : rest;
  if (asksFor(tokens, ['-h', '--help', '--help=true'])) {
    const whole = word === undefined && program.commands.length > 0;
    const told = spelled.ok ? spelled.words[0] : rest[0];
    const action = spec.actions?.find(({ name }) => name === told);
    const helped = action === undefined ? spec : actionSpec(spec, action);
    const text = await (whole ? overview(widthCells) : commandHelp(helped, widthCells));
    return { kind: 'help', text: word === undefined ? withPlaybook(text) : text };
  }
  if (asksFor(tokens, ['--version=true'])) return { kind: 'version' };
  if (!spelled.ok) return wrong(program, word, spelled.message);

  const fault = explain(spec, spelled);
  if (fault !== undefined) return wrong(program, word, fault);
  const parsed = await parseStrictly(spec, spelled);
  if (!parsed.ok) return wrong(program, word, parsed.message);
  const checked = checkValues(spec, parsed.raw);
  if (!checked.ok) return wrong(program, word, checked.message);
  return { kind: 'run', invocation: { command, args: checked.args, global: checked.global } };
}

type Parsed = { readonly ok: true; readonly raw: RawValues } | { readonly ok: false; readonly message: string };

async function parseStrictly(spec: CommandSpec, { tokens, words }: SpelledOut & { ok: true }): Promise<Parsed> {
  const shape = spec.positionals.map(({ name, required, repeat }) => {
    const dots = repeat ? '..' : '';
    return required ? `<${name}${dots}>` : `[${name}${dots}]`;
  });
  let complaint: string | undefined;
  const parser = yargs([...tokens])
    .parserConfiguration(PARSER_CONFIGURATION)
    .locale('en')
    .command(['$0', ...shape].join(' '), spec.summary, (command) => {
      for (const { name } of spec.positionals) command.positional(name, { type: 'string' });
      for (const { name, type } of optionsOf(spec)) {
        command.option(name, type === 'flag' ? { type: 'boolean' } : { type: 'string' });
      }
    })
    .strict()
    .help(false)
    .version(false)
    .exitProcess(false)
    .fail((message: string | null, error: Error | undefined) => {
      complaint ??= message ?? error?.message ?? 'the command line is wrong';
    });
  const { _: _words, $0: _program, ...found } = await parser.parseAsync();
  if (complaint !== undefined) return { ok: false, message: complaint };

  const raw: Record<string, unknown> = { ...found };
  const left = [...words];
  for (const { name, repeat } of spec.positionals) {
    const taken = left.splice(0, repeat ? left.length : 1);
    raw[name] = repeat ? taken : taken[0];
  }
  return { ok: true, raw };
}

/** The help of a program, not of one command, leads to the page for emergencies, which the others lie beside. On one line, to be copied. */
function withPlaybook(text: string): string {
  return `${text}\n\nWhen it is broken, and beside it all other pages:\n  ${fileURLToPath(PLAYBOOK)}`;
}

function asksFor(tokens: readonly string[], names: readonly string[]): boolean {
  const end = tokens.indexOf('--');
  return tokens.slice(0, end < 0 ? undefined : end).some((token) => names.includes(token));
}

/** Says in git's manner what is wrong: unknown options, too many words, too few. */
function explain(spec: CommandSpec, { unknown: [unknown], words }: SpelledOut & { ok: true }): string | undefined {
  if (unknown !== undefined) {
    const names = optionsOf(spec).filter(({ hidden }) => !hidden);
    const near = unknown.startsWith('--')
      ? suggest(
          unknown.slice(2),
          names.map(({ name }) => name),
        )
      : undefined;
    return `unknown option '${unknown}'${near === undefined ? '' : `, did you mean '--${near}'?`}`;
  }
  const last = spec.positionals.at(-1);
  if (words.length > spec.positionals.length && !last?.repeat) {
    return `unexpected argument '${words[spec.positionals.length]}'`;
  }
  const missing = spec.positionals.find(({ required }, i) => required && words.length <= i);
  return missing === undefined ? undefined : `no ${missing.name} given`;
}

function unknownCommand({ name }: Program, word: string): Reading {
  const names = COMMAND_SPECS.flatMap((spec) => (spec.alias === undefined ? [spec.name] : [spec.name, spec.alias]));
  const others = commandsFor(word);
  const near = others.length > 0 ? others : [suggest(word, names)].filter((one) => one !== undefined);
  const meant = joinWords(
    near.map((one) => `'${one}'`),
    'or',
  );
  const question = near.length === 0 ? '' : `, did you mean ${meant}?`;
  const message = `'${word}' is not a command of ${name.replace('-', ' ')}${question}`;
  return { kind: 'wrong', message, hint: `Run "${name.replace('-', ' ')} -h" for a list.` };
}

function wrong({ name }: Program, word: string | undefined, message: string): Reading {
  const command = [name.replace('-', ' '), ...(word === undefined ? [] : [word])].join(' ');
  return { kind: 'wrong', message, hint: `Run "${command} -h" for its usage.` };
}
