import type { HookName } from '../../core/share/hook-input.ts';
import type { ActionSpec, CommandSpec } from '../spec.ts';
import { ACTION, tell } from './actions.ts';

const HOOK_NAMES = ['pre-push', 'pre-receive', 'reference-transaction'] as const satisfies readonly HookName[];

const HOOKS_ACTIONS = [
  {
    name: 'status',
    summary:
      'Say of each hook whether it is there, whose it is, and whether git runs it; exits with 1 where one is missing',
    options: ['server', 'hook'],
  },
  {
    name: 'install',
    summary: 'Put them in place; a hook of yours that is there is kept, runs first, and decides too',
    options: ['server', 'hook', 'force', 'trust-root'],
  },
  { name: 'uninstall', summary: 'Take them out; what was there before is there again', options: ['hook'] },
] as const satisfies readonly ActionSpec[];

export const HOOKS = {
  name: 'hooks',
  group: 'Set up',
  summary: 'Guard the refs of snapshots with hooks of git',
  description: [
    'In a clone: pre-push looks at what is pushed before it is sent, and reference-transaction keeps refs of snapshots from being changed by hand. In a bare repository, or with --server: pre-receive takes only what the policy allows, and reference-transaction takes it all at once or not at all. They are shell scripts that start this program only where such a ref is concerned. Without an action: status.',
    ...tell(HOOKS_ACTIONS),
  ],
  actions: HOOKS_ACTIONS,
  positionals: [ACTION],
  options: [
    { name: 'server', type: 'flag', summary: 'Of status and install: what a repository wants that others push to' },
    {
      name: 'hook',
      type: 'choice',
      value: 'NAME',
      choices: HOOK_NAMES,
      repeat: true,
      summary: `This hook alone: ${HOOK_NAMES.join(', ')}; may be given many times`,
    },
    {
      name: 'force',
      type: 'flag',
      summary: 'Of install: also where core.hooksPath names a directory that is not of this repository alone',
    },
    {
      name: 'trust-root',
      type: 'text',
      value: 'DIGEST',
      summary:
        'Of install, on a server: trust what begins with this policy, and nothing else, even before anything is pushed',
    },
  ],
  conflicts: [['server', 'hook']],
  examples: [
    { command: 'git snapshot hooks install', summary: 'In your clone' },
    {
      command: 'git snapshot hooks install --server --trust-root sha256:DIGEST',
      summary: 'In the repository that everybody pushes to; "git snapshot trust show" prints the digest in a clone',
    },
    { command: 'git snapshot hooks', summary: 'See how they stand' },
  ],
  exitCodes: [0, 1, 2, 3, 4, 5, 8],
} as const satisfies CommandSpec;

export const HOOK = {
  name: 'hook',
  group: 'Set up',
  summary: 'Judge what a hook of git is told on standard input',
  description: ['For the scripts that "git snapshot hooks install" puts in place.'],
  positionals: [
    { name: 'hook', required: true, choices: HOOK_NAMES, summary: 'Which one' },
    { name: 'argument', repeat: true, summary: 'What git gave the hook' },
  ],
  options: [],
  conflicts: [],
  examples: [],
  exitCodes: [0, 1, 2, 3, 4, 6, 8],
} as const satisfies CommandSpec;
