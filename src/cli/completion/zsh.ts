import type { Completes, OptionSpec } from '../spec.ts';
import { type CompletableCommand, completableCommands, spellings } from './words.ts';

/** The script for zsh: a file `_git-snapshot` on `$fpath`. Git's own completion calls its functions. */
export function zshScript(): string {
  const commands = completableCommands();
  const names = commands.map(({ spec }) => `    ${quote(`${spec.name}:${spec.summary}`)}`);
  const rollback = commands.find(({ spec }) => spec.name === 'rollback');
  return `#compdef git-snapshot git-rollback
#description signed snapshots of an artifacts directory

__git_snapshot_ids() {
  local -a ids
  ids=(latest \${(f)"$(git snapshot completion --list-snapshots 2>/dev/null)"})
  compadd -V snapshots -a ids
}

__git_snapshot_sets() {
  local -a sets
  sets=(\${(f)"$(git snapshot completion --list-sets 2>/dev/null)"})
  compadd -a sets
}

__git_snapshot_environments() {
  local -a environments
  environments=(\${(f)"$(git snapshot completion --list-environments 2>/dev/null)"})
  compadd -a environments
}

_git-rollback() {
  _arguments -s \\
${rollback === undefined ? '' : specs(rollback, 4)}
}

_git-snapshot() {
  if [[ $service == git-rollback ]]; then
    _git-rollback "$@"
    return
  fi
  local -a commands
  commands=(
${names.join('\n')}
  )
  local i command=
  for ((i = 2; i < CURRENT; i++)); do
    if [[ -n \${commands[(r)\${words[i]}:*]} || \${words[i]} == ls ]]; then
      command=\${words[i]}
      words[i]=()
      ((CURRENT--))
      break
    fi
  done
  case $command in
${commands.map((command) => `    ${command.names.join('|')}) _arguments -s \\\n${specs(command, 6)} ;;`).join('\n')}
    *)
      if [[ $PREFIX == -* ]]; then
        _arguments -s \\
${specs(commands.find(({ spec }) => spec.name === 'create') ?? { options: [], argument: undefined, second: undefined }, 10)}
      else
        _describe -t commands 'command' commands
      fi ;;
  esac
}

_git-snapshot "$@"`;
}

function specs(
  { options, argument, second }: Pick<CompletableCommand, 'options' | 'argument' | 'second'>,
  indent: number,
): string {
  const lines = options.map(optionSpec);
  if (second !== undefined) lines.push(quote(`1:argument:${action(argument)}`), quote(`2:argument:${action(second)}`));
  else if (argument !== undefined) lines.push(quote(`*:argument:${action(argument)}`));
  return lines.map((line) => `${' '.repeat(indent)}${line}`).join(' \\\n');
}

function optionSpec(option: OptionSpec): string {
  const summary = option.summary.replace(/[[\]:]/g, '\\$&');
  const value =
    option.type === 'flag'
      ? ''
      : `:${(option.value ?? 'value').replace(/[:=]/g, ' ')}:${action(option.choices ?? option.completes)}`;
  const forms = spellings(option);
  if (forms.length === 1) return quote(`${option.repeat ? '*' : ''}${forms[0]}[${summary}]${value}`);
  const exclusion = option.repeat ? '*' : `(${forms.join(' ')})`;
  return `${quote(exclusion)}{${forms.join(',')}}${quote(`[${summary}]${value}`)}`;
}

function action(what: Completes | readonly string[] | undefined): string {
  if (typeof what === 'object') return `(${what.join(' ')})`;
  switch (what) {
    case 'snapshot':
      return '__git_snapshot_ids';
    case 'set':
      return '__git_snapshot_sets';
    case 'environment':
      return '__git_snapshot_environments';
    case 'directory':
      return '_files -/';
    case 'file':
      return '_files';
    default:
      return ' ';
  }
}

function quote(text: string): string {
  return `'${text.replace(/'/g, "'\\''")}'`;
}
