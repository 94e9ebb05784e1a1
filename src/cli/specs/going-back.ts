import type { CommandSpec, OptionSpec } from '../spec.ts';
import { PATH_OPTION, SET_OPTION } from './global.ts';

const OPTIONS = [
  { name: 'message', short: 'm', type: 'text', value: 'WHY', summary: 'The reason, for the audit log' },
  { name: 'dry-run', short: 'n', type: 'flag', summary: 'Run the gates and show what would change; change nothing' },
  {
    name: 'past-gates',
    type: 'flag',
    summary: 'Whatever gates and the health program of the policy say (needs --message)',
  },
  PATH_OPTION,
  { name: 'yes', short: 'y', type: 'flag', summary: 'Do not ask' },
  SET_OPTION,
] as const satisfies readonly OptionSpec[];

const JUDGED =
  'Where the policy asks for gates, they are run on the snapshot before anything is written, and one that does not pass stops it. Where it names a health program, that is asked afterwards, and everything is taken back if it is not content. With --past-gates both are asked and only told of; the log says so.';

const HOW =
  'The snapshot is verified first, and what is in the directory is kept as a snapshot of its own, so nothing is lost and "git rollback --undo" takes it back. Files that ignore rules leave out are not touched: by the rules that are there, or by those of the snapshot.';

export const RESTORE = {
  name: 'restore',
  group: 'Go back',
  summary: 'Put a snapshot into the directory',
  description: [HOW, JUDGED, 'Asks before it changes anything, unless --yes is given.'],
  positionals: [{ name: 'snapshot', required: true, completes: 'snapshot', summary: 'Which one' }],
  options: OPTIONS,
  conflicts: [],
  examples: [
    { command: 'git snapshot restore latest --path models/a.bin', summary: 'One file, as it was' },
    { command: 'git snapshot restore 20261122T1 --dry-run', summary: 'See what would change' },
  ],
  exitCodes: [0, 1, 2, 3, 4, 5, 6, 7, 9],
} as const satisfies CommandSpec;

export const ROLLBACK = {
  name: 'rollback',
  group: 'Go back',
  summary: 'Put the directory back to the last snapshot, or an earlier one',
  description: [
    'Without a snapshot, the directory goes back to what it should be: the one that was last taken of it or put into it. With --steps, to so many before that one.',
    HOW,
    JUDGED,
    'With --env, an environment goes back to what was live in it before, or to a snapshot that was: the directory is put back, and a signed promotion says so. It runs the gates of the set, but none of the environment, and waits for no freeze; where the policy asks for approvals of rollbacks, it waits for them first.',
    'Killed at any moment it can be finished with --continue or taken back with --abort. Asks before it changes anything, unless --yes is given.',
  ],
  positionals: [{ name: 'snapshot', completes: 'snapshot', summary: 'Which one (default: the one that it should be)' }],
  options: [
    { name: 'steps', type: 'integer', value: 'N', summary: 'N snapshots before the one that it should be' },
    {
      name: 'env',
      type: 'text',
      value: 'ENV',
      completes: 'environment',
      summary: 'Take this environment back, and the directory with it',
    },
    ...OPTIONS,
    { name: 'continue', type: 'flag', summary: 'Finish a rollback that was interrupted' },
    { name: 'abort', type: 'flag', summary: 'Take back a rollback that was interrupted' },
    { name: 'undo', type: 'flag', summary: 'Take back the last rollback' },
  ],
  conflicts: [
    ['snapshot', 'steps'],
    ['continue', 'abort'],
    ['continue', 'undo'],
    ['abort', 'undo'],
    ['continue', 'snapshot'],
    ['continue', 'steps'],
    ['continue', 'path'],
    ['continue', 'dry-run'],
    ['continue', 'message'],
    ['continue', 'past-gates'],
    ['abort', 'snapshot'],
    ['abort', 'steps'],
    ['abort', 'path'],
    ['abort', 'dry-run'],
    ['abort', 'message'],
    ['abort', 'past-gates'],
    ['undo', 'snapshot'],
    ['undo', 'steps'],
    ['undo', 'path'],
    ['undo', 'past-gates'],
    ['env', 'path'],
    ['env', 'continue'],
    ['env', 'abort'],
    ['env', 'undo'],
  ],
  examples: [
    { command: 'git rollback -m "Bad edit on the server"', summary: 'Undo what was changed since' },
    { command: 'git rollback --steps 1 -m "Bad weights in 4711"', summary: 'Back to the one before' },
    { command: 'git rollback latest~3 --dry-run', summary: 'See what would change' },
    { command: 'git rollback --env production -m "Wrong prices"', summary: 'Production, to what was live before' },
    {
      command: 'git rollback --env production --past-gates -m "Nothing is worse than this"',
      summary: 'Whatever gates say',
    },
    { command: 'git rollback --undo', summary: 'Never mind' },
  ],
  exitCodes: [0, 1, 2, 3, 4, 5, 6, 7, 9],
} as const satisfies CommandSpec;
