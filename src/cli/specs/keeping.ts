import type { CommandSpec, OptionSpec } from '../spec.ts';
import { REASON, YES, YES_IN_VAIN } from './actions.ts';
import { SET_OPTION } from './global.ts';

const CASE = { name: 'case', type: 'text', value: 'CASE', summary: 'Name of the case' } as const satisfies OptionSpec;

export const HOLD = {
  name: 'hold',
  group: 'Keep',
  summary: 'Keep a snapshot from being removed',
  description: [
    'As long as a hold is on a snapshot, nothing prunes or erases it, whoever asks. A snapshot may have several, each for a case of its own.',
  ],
  positionals: [{ name: 'snapshot', required: true, completes: 'snapshot', summary: 'Which one' }],
  options: [
    { ...CASE, summary: "Name of the case: lower-case letters, digits, '.', '_', '-' (required)" },
    REASON,
    {
      name: 'until',
      type: 'text',
      value: 'DATE',
      summary: 'When it runs out by itself: 2027-03-31, a time, or how long from now: 90d',
    },
    YES_IN_VAIN,
    SET_OPTION,
  ],
  conflicts: [],
  examples: [
    { command: 'git snapshot hold latest --case audit-2026 -m "Asked for by the auditors"', summary: 'Until released' },
    {
      command: 'git snapshot hold @production --case incident-7 --until 2027-03-31 -m "Evidence"',
      summary: 'For a time',
    },
  ],
  exitCodes: [0, 2, 3, 4, 5, 6],
} as const satisfies CommandSpec;

export const RELEASE = {
  name: 'release',
  group: 'Keep',
  summary: 'Release a hold',
  description: ['Where the policy says so, somebody else than the one who put it has to do that.'],
  positionals: [
    { name: 'snapshot', completes: 'snapshot', summary: 'Which one (default: the only one that the case holds)' },
  ],
  options: [{ ...CASE, summary: 'Name of the case (default: the only one)' }, REASON, YES_IN_VAIN, SET_OPTION],
  conflicts: [],
  examples: [{ command: 'git snapshot release --case audit-2026 -m "Audit closed"', summary: 'The case is over' }],
  exitCodes: [0, 2, 3, 4, 5, 6],
} as const satisfies CommandSpec;

export const HOLDS = {
  name: 'holds',
  group: 'Keep',
  summary: 'List the holds that are on snapshots',
  description: [],
  positionals: [],
  options: [{ name: 'all', type: 'flag', summary: 'Those that have run out, too' }, SET_OPTION],
  conflicts: [],
  examples: [{ command: 'git snapshot holds', summary: 'What may not be removed, and why' }],
  exitCodes: [0, 2, 3, 4, 6],
} as const satisfies CommandSpec;

export const TRASH = {
  name: 'trash',
  group: 'Keep',
  summary: 'List what was pruned and can be had back',
  description: [
    'What was pruned stays in the trash until its grace period is over (14 days, unless the policy says otherwise); after that "prune --apply" drops it for good.',
  ],
  positionals: [],
  options: [SET_OPTION],
  conflicts: [],
  examples: [{ command: 'git snapshot trash', summary: 'What can be had back, and how long' }],
  exitCodes: [0, 2, 3, 4, 6],
} as const satisfies CommandSpec;

export const UNDELETE = {
  name: 'undelete',
  group: 'Keep',
  summary: 'Bring snapshots back from the trash',
  description: [
    'What no rule keeps is removed again by the next pruning, and this is said: put a hold on it, or change the rules.',
  ],
  positionals: [
    {
      name: 'snapshots',
      required: true,
      repeat: true,
      summary: 'Their ids, or unique beginnings of them; see "trash"',
    },
  ],
  options: [{ ...REASON, summary: 'The reason' }, YES_IN_VAIN, SET_OPTION],
  conflicts: [],
  examples: [{ command: 'git snapshot undelete 20261122T143', summary: 'Bring one back' }],
  exitCodes: [0, 2, 3, 4, 5, 6],
} as const satisfies CommandSpec;

export const ERASE = {
  name: 'erase',
  group: 'Keep',
  summary: 'Remove snapshots and their content from this repository for good',
  description: [
    'For a key that leaked, or a person who asks to be forgotten. Refs, tags and every object that nothing else needs are removed at once; the log keeps only their digests. There is no way back. docs/retention.md says what else to do: other clones and hosts are not reached from here.',
    'With --path, every snapshot of the set that holds that content under any name is erased, those in the trash too.',
    'Where the policy asks for the agreement of several pruners, the first ones ask by running it, and the last one does it. --purge takes out what is left here of what was erased elsewhere, or of an erasure that was cut off.',
  ],
  positionals: [
    { name: 'snapshots', repeat: true, completes: 'snapshot', summary: 'Which ones; ids in the trash, too' },
  ],
  options: [
    {
      name: 'path',
      type: 'text',
      value: 'PATH',
      summary:
        "What is to be gone: this file as it is in these snapshots, in whatever snapshot it is; relative to the set's directory",
    },
    { ...REASON, summary: 'The reason, which is signed (required, but for --dry-run and --purge)' },
    { name: 'dry-run', short: 'n', type: 'flag', summary: 'Tell what would be gone; change nothing' },
    { name: 'purge', type: 'flag', summary: 'Take out what is left here of what was erased before' },
    { name: 'markdown', type: 'flag', summary: 'Print the report as Markdown' },
    YES,
    SET_OPTION,
  ],
  conflicts: [
    ['purge', 'path'],
    ['purge', 'snapshots'],
    ['purge', 'dry-run'],
  ],
  examples: [
    { command: 'git snapshot erase latest~2 -m "GDPR request 17"', summary: 'One snapshot' },
    {
      command: 'git snapshot erase latest --path config/key.pem -m "Private key leaked"',
      summary: 'Every snapshot that has the content of that file',
    },
    { command: 'git snapshot erase --purge', summary: 'After a fetch that brought an erasure' },
  ],
  exitCodes: [0, 1, 2, 3, 4, 5, 6, 8],
} as const satisfies CommandSpec;
