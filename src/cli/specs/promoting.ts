import type { CommandSpec } from '../spec.ts';
import { REASON, YES } from './actions.ts';
import { SET_OPTION } from './global.ts';

const ENVIRONMENT = { name: 'environment', completes: 'environment' } as const;
const ONE_PROMOTION = {
  name: 'promotion',
  required: true,
  completes: 'environment',
  summary: 'Its environment, or environment/number where more than one waits there',
} as const;

export const PROMOTE = {
  name: 'promote',
  group: 'Promote',
  summary: 'Put a snapshot up for an environment',
  description: [
    'The snapshot is verified, every byte of it, and the gates of the environment are run; then a signed promotion says that it goes there. Where the policy asks for no approval it is live at once, else it waits for "approve". docs/promotion-rules.md has all rules.',
    'Asks before it signs, unless --yes is given. Nothing of the directory is touched: "git snapshot restore @ENV" puts there what is live.',
  ],
  positionals: [
    { name: 'snapshot', required: true, completes: 'snapshot', summary: 'Which one' },
    { ...ENVIRONMENT, required: true, summary: 'Where to' },
  ],
  options: [
    { ...REASON, summary: 'The reason, which is signed (required, but for a dry run)' },
    { name: 'dry-run', short: 'n', type: 'flag', summary: 'Run the gates and say what would happen; sign nothing' },
    {
      name: 'break-glass',
      type: 'flag',
      summary: 'Past every rule, where the policy allows that; the log tells of it',
    },
    YES,
    SET_OPTION,
  ],
  conflicts: [],
  examples: [
    { command: 'git snapshot promote latest staging -m "Release 12"', summary: 'Put the newest up for staging' },
    {
      command: 'git snapshot promote @staging production -m "Release 12"',
      summary: 'What is live in staging, further',
    },
    { command: 'git snapshot promote latest staging --dry-run', summary: 'Would it go through?' },
  ],
  exitCodes: [0, 1, 2, 3, 4, 5, 6, 7],
} as const satisfies CommandSpec;

export const APPROVE = {
  name: 'approve',
  group: 'Promote',
  summary: 'Approve a promotion',
  description: [
    'Signs that you want it. With the last approval that the policy asks for, the promotion is live. Look at it first: "git snapshot review". Asks before it signs, unless --yes is given.',
  ],
  positionals: [ONE_PROMOTION],
  options: [
    REASON,
    { name: 'withdraw', type: 'flag', summary: 'Take back what you said of it before' },
    YES,
    SET_OPTION,
  ],
  conflicts: [],
  examples: [
    { command: 'git snapshot approve production -m "Looked at the diff"', summary: 'The one that waits there' },
    { command: 'git snapshot approve production/7 --withdraw -m "Found a bug"', summary: 'Not any more' },
  ],
  exitCodes: [0, 1, 2, 3, 4, 5, 6],
} as const satisfies CommandSpec;

export const REJECT = {
  name: 'reject',
  group: 'Promote',
  summary: 'Reject a promotion',
  description: [
    'Signs that you do not want it. Where the policy says that rejections block, one is enough to hold a promotion up until it is withdrawn. Asks before it signs, unless --yes is given.',
  ],
  positionals: [ONE_PROMOTION],
  options: APPROVE.options,
  conflicts: [],
  examples: [
    { command: 'git snapshot reject production/7 -m "The prices are wrong"', summary: 'Hold it up' },
    { command: 'git snapshot reject production/7 --withdraw -m "They are right"', summary: 'Let it go on' },
  ],
  exitCodes: [0, 1, 2, 3, 4, 5, 6],
} as const satisfies CommandSpec;

export const ENVIRONMENTS = {
  name: 'environments',
  group: 'Promote',
  summary: 'List environments, and what is live in each',
  description: [
    'In the order of promotion, with promotions that wait, how long what is live in the environment before must stay there still, and when promotions are frozen.',
  ],
  positionals: [],
  options: [{ ...SET_OPTION, summary: 'Only of this set (default: every set)' }],
  conflicts: [],
  examples: [{ command: "git snapshot environments --json | jq -r '.[].live.snapshot'", summary: 'In a script' }],
  exitCodes: [0, 2, 3, 4, 6],
} as const satisfies CommandSpec;

export const PROMOTIONS = {
  name: 'promotions',
  group: 'Promote',
  summary: 'List promotions, newest first',
  description: ['As the log tells of them, with what became of each.'],
  positionals: [{ ...ENVIRONMENT, summary: 'Only to this one (default: every environment)' }],
  options: [
    { name: 'pending', type: 'flag', summary: 'Only those that wait, or were rejected' },
    { name: 'limit', short: 'n', type: 'integer', value: 'N', summary: 'Show at most N' },
    { ...SET_OPTION, summary: 'Only of this set (default: every set)' },
  ],
  conflicts: [],
  examples: [
    { command: 'git snapshot promotions production -n 5', summary: 'The last five to production' },
    { command: 'git snapshot promotions --pending', summary: 'What waits for somebody' },
  ],
  exitCodes: [0, 2, 3, 4, 6],
} as const satisfies CommandSpec;

export const RESUME = {
  name: 'resume',
  group: 'Promote',
  summary: 'Let promotions into an environment again, after a rollback',
  description: [
    'Where the policy says so, nothing is promoted to an environment once it was rolled back, so that no pipeline puts back what was just taken out. This signs that it is safe to go on. Releasers may do it. Asks before it signs, unless --yes is given.',
  ],
  positionals: [{ ...ENVIRONMENT, required: true, summary: 'Which one' }],
  options: [REASON, YES, SET_OPTION],
  conflicts: [],
  examples: [
    { command: 'git snapshot resume production -m "Fixed in release 13"', summary: 'Go on' },
    {
      command: "git snapshot environments --json | jq '.[].hold'",
      summary: 'What is on hold, and since when',
    },
  ],
  exitCodes: [0, 1, 2, 3, 4, 5, 6],
} as const satisfies CommandSpec;

export const CHECK = {
  name: 'check',
  group: 'Promote',
  summary: 'Run gates on a snapshot',
  description: [
    'Verifies the snapshot, every byte of it, and runs the gates of the policy over it, with everything that they find. Signs and writes nothing. Exits with 7 where one does not pass.',
  ],
  positionals: [{ name: 'snapshot', completes: 'snapshot', summary: 'Which one (default: current)' }],
  options: [
    {
      name: 'gate',
      short: 'g',
      type: 'text',
      value: 'GATE',
      repeat: true,
      summary: 'Only this one, by its name in the policy (repeatable)',
    },
    SET_OPTION,
  ],
  conflicts: [],
  examples: [
    { command: 'git snapshot check', summary: 'Every gate, on what the directory should be' },
    { command: 'git snapshot check latest -g schemas', summary: 'One gate' },
  ],
  exitCodes: [0, 2, 3, 4, 6, 7],
} as const satisfies CommandSpec;
