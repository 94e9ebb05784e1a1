import type { CommandSpec, OptionSpec } from '../spec.ts';
import { YES } from './actions.ts';
import { SET_OPTION } from './global.ts';

const count = <const Name extends string>(name: Name, summary: string) =>
  ({ name, type: 'text', value: 'N', summary }) as const;
const duration = <const Name extends string>(name: Name, summary: string) =>
  ({ name, type: 'text', value: 'DURATION', summary }) as const;

/** Rules, instead of those of the policy. */
export const KEEP_OPTIONS = [
  count('keep-last', 'Keep the newest N, or unlimited'),
  count('keep-hourly', 'Keep one of each of the last N hours that have any; so for days and the rest'),
  count('keep-daily', 'Keep one of each of N days'),
  count('keep-weekly', 'Keep one of each of N weeks'),
  count('keep-monthly', 'Keep one of each of N months'),
  count('keep-yearly', 'Keep one of each of N years'),
  duration('keep-within', 'Keep all within so long of the newest: 7d, 1y2m3d4h'),
  duration('keep-within-hourly', 'Keep one of each hour within so long'),
  duration('keep-within-daily', 'Keep one of each day within so long'),
  duration('keep-within-weekly', 'Keep one of each week within so long'),
  duration('keep-within-monthly', 'Keep one of each month within so long'),
  duration('keep-within-yearly', 'Keep one of each year within so long'),
  {
    name: 'keep-label',
    type: 'text',
    value: 'KEY=VALUE[,…]',
    repeat: true,
    summary: 'Keep what has all of these labels (repeatable)',
  },
  { name: 'timezone', type: 'text', value: 'ZONE', summary: 'Where days begin: Europe/Vienna (default: UTC)' },
  {
    name: 'anchor',
    type: 'choice',
    value: 'WHAT',
    choices: ['newest', 'now'],
    summary: 'What "within" is counted back from: newest (default) or now',
  },
] as const satisfies readonly OptionSpec[];

export const PRUNE = {
  name: 'prune',
  group: 'Keep',
  summary: 'Plan what retention removes, and remove it with --apply',
  description: [
    'Without --apply nothing is changed (rules on the command line are for that alone: what is carried out is the policy): it tells what would be kept and why, and what would be removed. docs/retention.md has the rules.',
    'With --simulate it plans over snapshots in a JSON file, [{"id": "a", "time": "2026-01-05T13:00:00Z", "labels": ["release=yes"]}], by the rules on the command line alone. That needs no repository.',
  ],
  positionals: [],
  options: [
    { name: 'apply', type: 'flag', summary: 'Do it' },
    { name: 'dry-run', short: 'n', type: 'flag', summary: 'Only plan, as without --apply' },
    { name: 'plan', type: 'text', value: 'DIGEST', summary: 'With --apply: only if the plan is still this one' },
    {
      name: 'max-remove',
      type: 'integer',
      value: 'N',
      summary: 'Refuse to remove more (default: as the policy says, or 100)',
    },
    {
      name: 'explain',
      type: 'text',
      value: 'SNAP',
      completes: 'snapshot',
      summary: 'Tell of one snapshot why it stays and when it will go, or why it goes',
    },
    {
      name: 'simulate',
      type: 'text',
      value: 'FILE',
      completes: 'file',
      summary: 'Plan over the snapshots in FILE (-: standard input)',
    },
    { name: 'now', type: 'text', value: 'TIME', summary: 'With --simulate: the time of planning (default: now)' },
    ...KEEP_OPTIONS,
    YES,
    SET_OPTION,
  ],
  conflicts: [
    ['simulate', 'apply'],
    ['simulate', 'plan'],
    ['simulate', 'yes'],
    ['simulate', 'set'],
    ['explain', 'apply'],
    ['apply', 'dry-run'],
    ['apply', 'keep-last'],
    ['apply', 'keep-hourly'],
    ['apply', 'keep-daily'],
    ['apply', 'keep-weekly'],
    ['apply', 'keep-monthly'],
    ['apply', 'keep-yearly'],
    ['apply', 'keep-within'],
    ['apply', 'keep-within-hourly'],
    ['apply', 'keep-within-daily'],
    ['apply', 'keep-within-weekly'],
    ['apply', 'keep-within-monthly'],
    ['apply', 'keep-within-yearly'],
    ['apply', 'keep-label'],
    ['apply', 'timezone'],
    ['apply', 'anchor'],
  ],
  examples: [
    { command: 'git snapshot prune', summary: 'What would be removed?' },
    { command: 'git snapshot prune --explain 20260105T130000Z-0123456789ab', summary: 'Why is that one kept?' },
    { command: 'git snapshot prune --apply', summary: 'Remove it' },
    {
      command: 'git snapshot prune --simulate snapshots.json --keep-daily 7 --keep-monthly 12',
      summary: 'Try rules on made-up snapshots',
    },
  ],
  exitCodes: [0, 1, 2, 3, 4, 5, 6],
} as const satisfies CommandSpec;
