import type { CommandSpec, OptionSpec, PositionalSpec } from '../spec.ts';

const REMOTE = {
  name: 'remote',
  summary: "Name or URL (default: what the branch follows, else 'origin', else the only one)",
} as const satisfies PositionalSpec;

const OPTIONS = [
  { name: 'dry-run', short: 'n', type: 'flag', summary: 'Say what differs; move nothing here, and nothing there' },
  { name: 'quick', type: 'flag', summary: 'Verify tags and log, and not the content of new snapshots' },
  {
    name: 'drop',
    type: 'text',
    value: 'EVENT',
    repeat: true,
    summary: 'Leave an event of yours out, by its number, that cannot stand on top of theirs (repeatable)',
  },
] as const satisfies readonly OptionSpec[];

/** What all three have in common. */
const EXCHANGE = {
  group: 'Share',
  positionals: [REMOTE],
  options: OPTIONS,
  conflicts: [],
  exitCodes: [0, 2, 3, 4, 5, 6, 8, 9],
} as const satisfies Partial<CommandSpec>;

const ON_TOP =
  "The log stays one chain: if both sides went on, your own events are put on top of the remote's and signed again, each by the rules that hold there. Events of other people are never altered. docs/sharing.md says what can be in the way, and what helps.";

export const FETCH = {
  name: 'fetch',
  summary: 'Take snapshots and all that goes with them from a remote',
  description: [
    'Snapshots, promotions, approvals, holds, the policy and the log are fetched beside yours, verified, and only then taken over, all at once. Nothing of yours is overwritten, and what is not good is not taken: exit code 6. In a new clone it asks once whether to trust the policy, or reads GIT_SNAPSHOT_TRUST_ROOT.',
    ON_TOP,
  ],
  ...EXCHANGE,
  examples: [
    { command: 'git snapshot fetch', summary: 'From the usual remote' },
    { command: 'git snapshot fetch --dry-run', summary: 'What is new there?' },
  ],
} as const satisfies CommandSpec;

export const PUSH = {
  name: 'push',
  summary: 'Give a remote the snapshots and all that goes with them',
  description: [
    'Fetches and verifies first, as "fetch" does. Then everything that the remote lacks is pushed, all of it or nothing, and only if nobody else pushed meanwhile; else it begins anew.',
    ON_TOP,
  ],
  ...EXCHANGE,
  examples: [
    { command: 'git snapshot push', summary: 'To the usual remote' },
    { command: 'git snapshot push --dry-run', summary: 'What does it lack?' },
  ],
} as const satisfies CommandSpec;

export const SYNC = {
  name: 'sync',
  summary: 'Fetch, then push',
  description: ['Takes what the remote has, and gives it what it lacks: both sides have the same afterwards.', ON_TOP],
  ...EXCHANGE,
  examples: [
    { command: 'git snapshot sync', summary: 'With the usual remote' },
    { command: 'git snapshot sync --drop 41', summary: 'Without event 41, which cannot stand on top of theirs' },
  ],
} as const satisfies CommandSpec;
