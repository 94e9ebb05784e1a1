import type { ActionSpec, CommandSpec } from '../spec.ts';
import { ACTION, tell, YES } from './actions.ts';
import { SET_OPTION } from './global.ts';

const LOG_ACTIONS = [
  {
    name: 'show',
    summary: 'List events, or verify them with --verify',
    options: ['limit', 'type', 'since', 'actor', 'snapshot', 'set', 'verify'],
  },
  {
    name: 'repair',
    summary: 'Sign an event that passes over what somebody else wrote on the log, and makes the notes anew',
    options: ['message', 'yes'],
  },
] as const satisfies readonly ActionSpec[];

export const LOG = {
  name: 'log',
  group: 'Look',
  summary: 'Show, verify and repair the audit log',
  description: [
    'Who did what and when, as it was signed, newest first. With --verify, every event, all refs and the notes are held against the policy; exits with 1 where anything is wrong. Without an action: show.',
    ...tell(LOG_ACTIONS),
  ],
  actions: LOG_ACTIONS,
  positionals: [ACTION],
  options: [
    { name: 'limit', short: 'n', type: 'integer', value: 'N', summary: 'Show at most N' },
    {
      name: 'type',
      type: 'choice',
      value: 'TYPE',
      choices: [
        'policy',
        'snapshot',
        'rollback',
        'promotion',
        'approval',
        'repair',
        'prune',
        'undelete',
        'hold',
        'release',
        'erase',
        'rehearsal',
        'resume',
      ],
      repeat: true,
      summary:
        'Only events of this type: policy, snapshot, rollback, promotion, approval, repair, prune, undelete, hold, release, erase, rehearsal or resume (repeatable: any of them)',
    },
    { name: 'since', type: 'text', value: 'TIME', summary: 'Only events after TIME: 2026-11-22, or 2w, 3d, 12h ago' },
    { name: 'actor', type: 'text', value: 'NAME', summary: 'Only events of this person, as the policy calls them' },
    { name: 'snapshot', type: 'text', value: 'SNAP', completes: 'snapshot', summary: 'Only events of this snapshot' },
    { ...SET_OPTION, summary: 'Only events of this set (default: every set)' },
    { name: 'verify', type: 'flag', summary: 'Verify the whole log instead of listing it' },
    { name: 'message', short: 'm', type: 'text', value: 'WHY', summary: 'Of repair: the reason, for the log' },
    { ...YES, summary: 'Of repair: do not ask' },
  ],
  conflicts: [
    ['verify', 'limit'],
    ['verify', 'type'],
    ['verify', 'since'],
    ['verify', 'actor'],
    ['verify', 'snapshot'],
    ['verify', 'set'],
  ],
  examples: [
    { command: 'git snapshot log -n 20', summary: 'The last twenty events' },
    { command: 'git snapshot log --since 7d --type rollback', summary: 'Rollbacks of this week' },
    { command: 'git snapshot log --verify', summary: 'Is the log what the policy allows?' },
    { command: 'git snapshot log repair -m "notes written by hand"', summary: 'Mend it' },
  ],
  exitCodes: [0, 1, 2, 3, 4, 5, 6],
} as const satisfies CommandSpec;
