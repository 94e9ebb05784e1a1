import yargs, { type Argv } from 'yargs';
import { EXIT_CODES } from '../exit-code-table.ts';
import { type CommandSpec, GROUPS, type OptionSpec } from '../spec.ts';
import { COMMAND_SPECS } from '../specs/all.ts';
import { GLOBAL_OPTIONS } from '../specs/global.ts';
import { synopsis } from './synopsis.ts';

/** Stands for a space that yargs would trim from the beginning of a line: a blank that is no white space. */
const KEPT_SPACE = '\u2800';
const INDENT = KEPT_SPACE.repeat(2);
const MIN_SUMMARY_CELLS = 20;

/** One screen: what the program is, its commands, three examples. */
export async function overview(widthCells: number): Promise<string> {
  const nameCells = Math.max(...COMMAND_SPECS.map(({ name }) => name.length));
  const groups = GROUPS.map((group) => {
    const commands = COMMAND_SPECS.filter((spec) => spec.group === group);
    return [`${group}:`, ...commands.map(({ name, summary }) => entry(name.padEnd(nameCells), summary, widthCells))];
  });
  const intro = [
    ['git snapshot [<command>] [<options>]', 'git rollback [<options>] [<snapshot>]'],
    ['Signed snapshots of an artifacts directory, kept in git, and a way back to them.'],
    ...groups,
  ];
  const help = screen(widthCells)
    .usage(paragraphs(intro))
    .example([
      ['git snapshot -m "Nightly build"', 'take a snapshot'],
      ['git snapshot diff', 'see what has changed since'],
      ['git rollback --steps 1', 'go back to the one before'],
    ])
    .epilogue('"git snapshot <command> -h" tells more of each.');
  return finish(withOptions(help, GLOBAL_OPTIONS, 'Options:'));
}

/** Synopsis, arguments, options, examples and exit codes of one command. */
export async function commandHelp(spec: CommandSpec, widthCells: number): Promise<string> {
  const argumentCells = Math.max(0, ...spec.positionals.map(({ name }) => name.length + 2));
  const words = spec.positionals.map(({ name, summary }) =>
    entry(`<${name}>`.padEnd(argumentCells), summary, widthCells),
  );
  const usage = [synopsis(spec), `${spec.summary}.`, ...spec.description].map((text) => [fold(text, widthCells)]);
  const examples = spec.examples.flatMap(({ command, summary }) => [
    `  ${command}`,
    fold(`      ${summary}`, widthCells, 6),
  ]);
  const codes = EXIT_CODES.filter(({ code }) => spec.exitCodes.includes(code)).map(({ code, meaning }) =>
    fold(`  ${String(code).padStart(3)}  ${meaning}`, widthCells, 7),
  );
  const help = screen(widthCells)
    .usage(paragraphs([...usage, ...(words.length === 0 ? [] : [['Arguments:', ...words]])]))
    .epilogue(
      paragraphs([
        ...(spec.actions === undefined
          ? []
          : [[`"git snapshot ${spec.name} <action> -h" shows what is for one of them alone.`]]),
        ...(examples.length === 0 ? [] : [['Examples:', ...examples]]),
        ['Exit codes:', ...codes],
      ]),
    );
  return finish(withOptions(withOptions(help, spec.options, 'Options:'), GLOBAL_OPTIONS, 'Options of every command:'));
}

function screen(widthCells: number): Argv {
  return yargs([]).locale('en').help(false).version(false).exitProcess(false).wrap(widthCells);
}

function paragraphs(parts: readonly (readonly string[])[]): string {
  return parts.map((lines) => lines.join('\n')).join('\n\n');
}

/** Names an option with the word for its value, which yargs has no place for; this instance never parses anything. */
function withOptions(help: Argv, options: readonly OptionSpec[], group: string): Argv {
  for (const { name, short, value, summary, hidden } of options) {
    if (hidden) continue;
    const key = value === undefined ? name : `${name} ${value}`;
    help.option(key, { describe: summary, group, ...(short === undefined ? {} : { alias: short }) });
  }
  return help;
}

async function finish(help: Argv): Promise<string> {
  const text = await help.getHelp();
  // With its value in the name, yargs does not see that the option has one letter.
  return text.replaceAll(KEPT_SPACE, ' ').replace(/^ {6}--(\w [A-Z]+)/gm, '  -$1     ');
}

/** A name and what it is, which goes on below its own beginning where there is room for that. */
function entry(name: string, summary: string, widthCells: number): string {
  const start = `${INDENT}${name}  `;
  const hasRoom = widthCells - start.length >= MIN_SUMMARY_CELLS;
  const lines = fold(start + summary, widthCells, hasRoom ? start.length : 2 * INDENT.length);
  return lines.replace(/^ +/gm, (spaces) => KEPT_SPACE.repeat(spaces.length));
}

/** Breaks text into lines of at most `widthCells`, those after the first indented. For our own, plain text. */
function fold(text: string, widthCells: number, indentCells = 0): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/(?<=\S) /)) {
    if (line !== '' && line.length + 1 + word.length > widthCells) {
      lines.push(line);
      line = ' '.repeat(indentCells) + word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].join('\n');
}
