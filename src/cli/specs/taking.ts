import type { CommandSpec } from '../spec.ts';
import { SET_OPTION } from './global.ts';

export const INIT = {
  name: 'init',
  group: 'Set up',
  summary: 'Prepare this repository for snapshots',
  description: [
    'Makes or finds a signing key, signs the first policy, and pins it on this machine.',
    'Without --set or --path there is one set: artifacts, which is the directory artifacts/.',
    'Asks the usual remote first, for at most five seconds: where it has a policy already, that one is to be fetched.',
  ],
  positionals: [],
  options: [
    {
      name: 'set',
      type: 'text',
      value: 'SET=PATH',
      repeat: true,
      summary: 'Govern the directory PATH, relative to the current one, as SET (repeatable)',
    },
    {
      name: 'path',
      type: 'text',
      value: 'DIR',
      completes: 'directory',
      summary: "Directory of the set 'artifacts', relative to the current one",
    },
    {
      name: 'key',
      type: 'text',
      value: 'KEY',
      summary: "Sign with KEY: a fingerprint, 'gpg' or 'ssh' for a key of theirs, the path of a .pub file, or 'new'",
    },
    { name: 'no-passphrase', type: 'flag', summary: 'Leave a new key without a passphrase' },
    { name: 'yes', short: 'y', type: 'flag', summary: 'Do not ask' },
  ],
  conflicts: [['set', 'path']],
  examples: [
    { command: 'git snapshot init', summary: 'Ask what is needed' },
    { command: 'git snapshot init --path build/out --key gpg --yes', summary: 'In a script, with a key that gpg has' },
    { command: 'git snapshot init --set models=models --set prompts=src/prompts', summary: 'Two sets' },
  ],
  exitCodes: [0, 1, 2, 3, 4, 5],
} as const satisfies CommandSpec;

export const CREATE = {
  name: 'create',
  group: 'Take',
  summary: 'Take a signed snapshot (the default command)',
  description: [
    'Stores the exact content of the directory and signs it. Where nothing has changed since the last snapshot it says so, and makes none.',
    'Gates that the policy asks for are run over what was stored, before anything is signed; a dry run only names them.',
  ],
  positionals: [],
  options: [
    {
      name: 'message',
      short: 'm',
      type: 'text',
      value: 'TEXT',
      repeat: true,
      summary: 'Message; given again, one more paragraph',
    },
    {
      name: 'file',
      short: 'F',
      type: 'text',
      value: 'FILE',
      completes: 'file',
      summary: "Read the message from FILE ('-' is standard input)",
    },
    {
      name: 'label',
      short: 'l',
      type: 'text',
      value: 'KEY=VALUE',
      repeat: true,
      summary: 'Label the snapshot (repeatable)',
    },
    { name: 'force', type: 'flag', summary: 'Take one even if nothing has changed' },
    { name: 'dry-run', short: 'n', type: 'flag', summary: 'Show what would be taken and left out; write nothing' },
    { name: 'auto', type: 'flag', summary: 'Prune afterwards, even where the policy does not say pruneOnCreate' },
    SET_OPTION,
  ],
  conflicts: [
    ['message', 'file'],
    ['auto', 'dry-run'],
  ],
  examples: [
    { command: 'git snapshot -m "Nightly build"', summary: 'Take one' },
    { command: 'git snapshot create -l build=4711 -l branch=main', summary: 'Take one and label it' },
    { command: 'git snapshot create --dry-run', summary: 'See what would be in it' },
  ],
  exitCodes: [0, 2, 3, 4, 5, 6, 7, 8, 9],
} as const satisfies CommandSpec;

export const COMPLETION = {
  name: 'completion',
  group: 'Set up',
  summary: 'Print a completion script for a shell',
  description: [
    "For bash, put it where bash-completion looks, or add to ~/.bashrc: eval \"$(git snapshot completion bash)\". It works with git's own completion. For zsh, write it to a file '_git-snapshot' in a directory of $fpath; for fish, to ~/.config/fish/completions/git-snapshot.fish.",
  ],
  positionals: [{ name: 'shell', choices: ['bash', 'zsh', 'fish'], summary: 'bash, zsh or fish' }],
  options: [
    { name: 'list-snapshots', type: 'flag', hidden: true, summary: 'Print the ids that the scripts offer' },
    { name: 'list-sets', type: 'flag', hidden: true, summary: 'Print the sets that the scripts offer' },
    { name: 'list-environments', type: 'flag', hidden: true, summary: 'Print the environments that the scripts offer' },
    SET_OPTION,
  ],
  conflicts: [
    ['shell', 'list-snapshots'],
    ['shell', 'list-sets'],
    ['shell', 'list-environments'],
    ['list-snapshots', 'list-sets'],
    ['list-snapshots', 'list-environments'],
    ['list-sets', 'list-environments'],
  ],
  examples: [{ command: 'git snapshot completion bash', summary: 'The script for bash' }],
  exitCodes: [0, 2],
} as const satisfies CommandSpec;
