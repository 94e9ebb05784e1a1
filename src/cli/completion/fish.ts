import type { Completes, OptionSpec } from '../spec.ts';
import { completableCommands } from './words.ts';

/** The script for fish, for the programs and for `git snapshot` and `git rollback`. */
export function fishScript(): string {
  const commands = completableCommands();
  const lines = [
    '# fish completion for git-snapshot: ~/.config/fish/completions/git-snapshot.fish',
    '',
    'function __git_snapshot_ids',
    '    echo latest',
    '    git snapshot completion --list-snapshots 2>/dev/null',
    'end',
    '',
    'function __git_snapshot_sets',
    '    git snapshot completion --list-sets 2>/dev/null',
    'end',
    '',
    'function __git_snapshot_environments',
    '    git snapshot completion --list-environments 2>/dev/null',
    'end',
    '',
    'function __git_snapshot_in',
    "    set -l words (commandline -opc | string match -v -- '-*')",
    '    test "$words[1]" = git; and set -e words[1]',
    '    switch "$words[1]"',
    "        case rollback '*git-rollback'",
    '            test "$argv[1]" = rollback',
    "        case snapshot '*git-snapshot'",
    '            if test -z "$argv[1]"',
    '                not set -q words[2]',
    '            else if set -q words[2]',
    '                contains -- "$words[2]" $argv',
    '            else',
    '                test "$argv[1]" = create',
    '            end',
    "        case '*'",
    '            return 1',
    '    end',
    'end',
    '',
    'for program in git git-snapshot git-rollback',
    ...commands.flatMap(({ spec, names: own, options, argument, second }) => {
      const inside = `-n '__git_snapshot_in ${own.join(' ')}'`;
      return [
        `    complete -c $program -n __git_snapshot_in -f -a ${spec.name} -d ${quote(spec.summary)}`,
        ...options.map((option) => `    complete -c $program ${inside} ${optionWords(option)}`),
        ...[argument, second].flatMap((what) =>
          what === undefined ? [] : `    complete -c $program ${inside} -f -a ${quote(words(what))}`,
        ),
      ];
    }),
    'end',
  ];
  return lines.join('\n');
}

function optionWords(option: OptionSpec): string {
  const { name, short, type, choices, completes, summary } = option;
  const forms = name.length === 1 ? `-s ${name}` : `-l ${name}${short === undefined ? '' : ` -s ${short}`}`;
  const what = choices ?? completes;
  const value =
    type === 'flag'
      ? ''
      : what === 'file' || what === 'directory'
        ? ' -r -F'
        : ` -x${what === undefined ? '' : ` -a ${quote(words(what))}`}`;
  return `${forms}${value} -d ${quote(summary)}`;
}

function words(what: Completes | readonly string[]): string {
  if (typeof what === 'object') return what.join(' ');
  if (what === 'snapshot') return '(__git_snapshot_ids)';
  if (what === 'environment') return '(__git_snapshot_environments)';
  return what === 'set' ? '(__git_snapshot_sets)' : '(__fish_complete_path)';
}

function quote(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
