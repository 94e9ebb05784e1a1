import { EXIT_CODES } from '../../../src/cli/exit-code-table.ts';
import { commandLine, optionForms, synopsis } from '../../../src/cli/parse/synopsis.ts';
import { type CommandSpec, GROUPS, type OptionSpec } from '../../../src/cli/spec.ts';
import { COMMAND_SPECS } from '../../../src/cli/specs/all.ts';
import { GLOBAL_OPTIONS } from '../../../src/cli/specs/global.ts';
import { ENVIRONMENT, FILES } from './surroundings.ts';

/** The man page of `git snapshot` or `git rollback`: what `git snapshot --help` shows. */
export function manPage(program: 'git-snapshot' | 'git-rollback'): string {
  const rollback = COMMAND_SPECS.filter(({ name }) => name === 'rollback');
  return program === 'git-rollback' ? rollback.map(rollbackPage).join('') : snapshotPage();
}

function snapshotPage(): string {
  const commands = GROUPS.flatMap((group) => COMMAND_SPECS.filter((spec) => spec.group === group));
  return page('git-snapshot', 'signed snapshots of an artifacts directory, kept in git', [
    section('SYNOPSIS', commands.map((spec) => `.B ${roff(synopsis(spec))}`).join('\n.br\n')),
    section(
      'DESCRIPTION',
      'Keeps signed snapshots of a directory in a git repository, compares the directory with them, and puts it back.\nWith no command it takes a snapshot.',
    ),
    section('OPTIONS', options(GLOBAL_OPTIONS)),
    ...commands.map((spec) => section(commandLine(spec).toUpperCase(), commandBody(spec))),
    exitStatus(EXIT_CODES.map(({ code }) => code)),
    SURROUNDINGS,
    section('SEE ALSO', '.BR git\\-rollback (1),\n.BR git (1),\n.BR git\\-verify\\-tag (1)'),
  ]);
}

function rollbackPage(spec: CommandSpec): string {
  return page('git-rollback', 'put an artifacts directory back to a signed snapshot', [
    section('SYNOPSIS', `.B ${roff(synopsis(spec))}`),
    section('DESCRIPTION', spec.description.map(roff).join('\n.PP\n')),
    section('ARGUMENTS', positionals(spec)),
    section('OPTIONS', options([...spec.options, ...GLOBAL_OPTIONS])),
    section('EXAMPLES', examples(spec)),
    exitStatus(spec.exitCodes),
    SURROUNDINGS,
    section('SEE ALSO', '.BR git\\-snapshot (1),\n.BR git (1)'),
  ]);
}

const SURROUNDINGS = `${section('ENVIRONMENT', definitions(ENVIRONMENT))}${section('FILES', definitions(FILES))}`;

function definitions(rows: readonly (readonly [name: string, text: string])[]): string {
  return rows.map(([name, text]) => `.TP\n.B ${roff(name)}\n${roff(text)}`).join('\n');
}

function page(name: string, what: string, sections: readonly string[]): string {
  const title = `.TH "${name.toUpperCase().replace('-', '\\-')}" "1" "" "git\\-snapshot" "User Commands"`;
  return `.\\" Made from src/cli by test/cli/reference/reference.test.ts\n${title}\n${section('NAME', `${roff(name)} \\- ${roff(what)}`)}${sections.join('')}`;
}

function section(title: string, body: string): string {
  return `.SH "${title}"\n${body}\n`;
}

function commandBody(spec: CommandSpec): string {
  return [
    `${roff(spec.summary)}.`,
    ...spec.description.map((text) => `.PP\n${roff(text)}`),
    ...(spec.positionals.length === 0 ? [] : [positionals(spec)]),
    ...(spec.options.length === 0 ? [] : [options(spec.options)]),
    examples(spec),
  ].join('\n');
}

function positionals({ positionals }: CommandSpec): string {
  return positionals.map(({ name, summary }) => `.TP\n.I ${roff(`<${name}>`)}\n${roff(summary)}.`).join('\n');
}

function options(specs: readonly OptionSpec[]): string {
  return specs
    .filter(({ hidden }) => !hidden)
    .map((option) => `.TP\n.B ${roff(optionForms(option))}\n${roff(option.summary)}.`)
    .join('\n');
}

function examples({ examples }: CommandSpec): string {
  return examples
    .map(({ command, summary }) => `.PP\n${roff(summary)}:\n.PP\n.RS 4\n.nf\n${roff(command)}\n.fi\n.RE`)
    .join('\n');
}

function exitStatus(codes: readonly number[]): string {
  const rows = EXIT_CODES.filter(({ code }) => codes.includes(code));
  return section('EXIT STATUS', rows.map(({ code, meaning }) => `.TP\n.B ${code}\n${roff(meaning)}`).join('\n'));
}

/** Text as roff has it: dashes that can be copied, and no line that would be taken for a request. */
function roff(text: string): string {
  return text
    .replace(/\\/g, '\\e')
    .replace(/-/g, '\\-')
    .replace(/~/g, '\\(ti')
    .replace(/\^/g, '\\(ha')
    .replace(/^([.'])/gm, '\\&$1');
}
