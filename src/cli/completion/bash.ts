import type { Completes, OptionSpec } from '../spec.ts';
import { type CompletableCommand, completableCommands, spellings } from './words.ts';

/**
 * The script for bash. Git's own completion calls `_git_snapshot` and `_git_rollback` for what follows
 * `git snapshot` and `git rollback`; typed with a dash, the programs are completed by the same functions.
 */
export function bashScript(): string {
  const commands = completableCommands();
  const names = commands.flatMap((command) => command.names);
  const cases = commands.map((command) => `    ${command.names.join('|')})\n${commandBody(command)}\n      ;;`);
  return `# bash completion for git-snapshot. Load it with: eval "$(git snapshot completion bash)"

__git_snapshot_reply() {
  local IFS=$' \\t\\n'
  COMPREPLY=($(compgen -W "$1" -- "$cur"))
}

__git_snapshot_ids() {
  __git_snapshot_reply "latest $(git snapshot completion --list-snapshots 2>/dev/null)"
}

__git_snapshot_sets() {
  __git_snapshot_reply "$(git snapshot completion --list-sets 2>/dev/null)"
}

__git_snapshot_environments() {
  __git_snapshot_reply "$(git snapshot completion --list-environments 2>/dev/null)"
}

# Whether there is an argument of the command $1 before the cursor. $2: its options that take a value.
__git_snapshot_has_argument() {
  local i seen=
  for ((i = 1; i < cword; i++)); do
    if [[ -z $seen ]]; then
      [[ \${words[i]} == "$1" ]] && seen=1
    elif [[ " $2 " == *" \${words[i]} "* ]]; then
      ((i++))
    elif [[ \${words[i]} != -* ]]; then
      return 0
    fi
  done
  return 1
}

__git_snapshot_files() {
  compopt -o filenames 2>/dev/null
  COMPREPLY=($(compgen "$1" -- "$cur"))
}

__git_snapshot_of() {
  case "$1" in
${cases.join('\n')}
    *)
      __git_snapshot_reply "${names.join(' ')}"
      ;;
  esac
}

_git_snapshot() {
  local word i
  for ((i = 1; i < cword; i++)); do
    word="\${words[i]}"
    case "$word" in
    ${names.join('|')})
      __git_snapshot_of "$word"
      return
      ;;
    esac
  done
  case "$cur" in
  -*) __git_snapshot_of create ;;
  *) __git_snapshot_of "" ;;
  esac
}

_git_rollback() {
  __git_snapshot_of rollback
}

__git_snapshot_program() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD - 1]}"
  local cword=$COMP_CWORD words=("\${COMP_WORDS[@]}")
  case "$1" in
  *git-rollback) _git_rollback ;;
  *) _git_snapshot ;;
  esac
}

complete -o bashdefault -o default -F __git_snapshot_program git-snapshot git-rollback`;
}

function commandBody({ spec, options, argument, second }: CompletableCommand): string {
  const values = options.filter(({ type }) => type !== 'flag');
  const words = options.flatMap(spellings).join(' ');
  return [
    '      case "$prev" in',
    ...values.map(
      (option) => `      ${spellings(option).join('|')})\n        ${valueWords(option)}\n        return\n        ;;`,
    ),
    '      esac',
    '      case "$cur" in',
    `      -*) __git_snapshot_reply "${words}" ;;`,
    `      *) ${second === undefined ? '' : secondArgument(spec.name, values, second)}${reply(argument)} ;;`,
    '      esac',
  ].join('\n');
}

/** Offers what the second argument is, once there is a first. */
function secondArgument(name: string, values: readonly OptionSpec[], second: Completes): string {
  const taking = values.flatMap(spellings).join(' ');
  return `if __git_snapshot_has_argument ${name} "${taking}"; then ${reply(second)}; return; fi; `;
}

function valueWords({ choices, completes }: OptionSpec): string {
  return choices === undefined ? reply(completes) : reply(choices);
}

function reply(what: Completes | readonly string[] | undefined): string {
  if (typeof what === 'object') return `__git_snapshot_reply "${what.join(' ')}"`;
  switch (what) {
    case 'snapshot':
      return '__git_snapshot_ids';
    case 'set':
      return '__git_snapshot_sets';
    case 'environment':
      return '__git_snapshot_environments';
    case 'directory':
      return '__git_snapshot_files -d';
    case 'file':
      return '__git_snapshot_files -f';
    default:
      return 'COMPREPLY=()';
  }
}
