import type { CommandSpec } from '../spec.ts';
import { SET_OPTION } from './global.ts';

export const VERIFY = {
  name: 'verify',
  group: 'Look',
  summary: 'Check signatures, policy, log and every byte of snapshots',
  description: [
    'Checks each snapshot against the policy that is pinned on this machine, and reads and hashes all its content.',
  ],
  positionals: [{ name: 'snapshot', repeat: true, completes: 'snapshot', summary: 'Which ones (default: current)' }],
  options: [
    { name: 'all', type: 'flag', summary: 'Check every snapshot' },
    {
      name: 'bundle',
      type: 'text',
      value: 'FILE',
      completes: 'file',
      summary: 'Check a file that "git snapshot export" wrote (bundle, tar or zip); needs no repository',
    },
    { name: 'quick', type: 'flag', summary: 'Check signatures, policy and log, but do not read the files' },
    SET_OPTION,
  ],
  conflicts: [
    ['snapshot', 'all'],
    ['bundle', 'snapshot'],
    ['bundle', 'all'],
    ['bundle', 'set'],
  ],
  examples: [
    { command: 'git snapshot verify', summary: 'The last one, every byte' },
    { command: 'git snapshot verify --all --quick', summary: 'All signatures' },
    { command: 'git snapshot verify --bundle backup.tar', summary: 'A backup, anywhere' },
  ],
  exitCodes: [0, 1, 2, 3, 4, 6],
} as const satisfies CommandSpec;

export const STATUS = {
  name: 'status',
  group: 'Look',
  summary: 'Compare the directory with the snapshot that it should be',
  description: ['Exits with 1 where the directory differs, and says what to type next.'],
  positionals: [],
  options: [SET_OPTION],
  conflicts: [],
  examples: [{ command: 'git snapshot status --quiet || echo drift', summary: 'In a script' }],
  exitCodes: [0, 1, 2, 3, 4, 6, 9],
} as const satisfies CommandSpec;
