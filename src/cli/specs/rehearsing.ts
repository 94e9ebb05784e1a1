import type { CommandSpec } from '../spec.ts';
import { SET_OPTION } from './global.ts';

export const REHEARSE = {
  name: 'rehearse',
  group: 'Go back',
  summary: 'Try a rollback in a copy of the directory, and report on it',
  description: [
    'Copies the directory into a scratch repository, and rolls back there in earnest and back again: by the code of "git rollback", with its journal, its backup, its signatures. Both times every byte is compared. The directory itself is read, before and after, and never written; if no snapshot holds what it holds, one is taken first. What it took is held against "rehearsal" of the policy, and entered into the log. docs/rehearsal.md says what this proves.',
    'Without a snapshot: what "git rollback" would go to; if the directory is that already, the one before.',
    'Ends with 7 where one of the criteria is not met.',
  ],
  positionals: [{ name: 'snapshot', completes: 'snapshot', summary: 'Which one is put into the copy' }],
  options: [
    {
      name: 'env',
      type: 'text',
      value: 'ENV',
      completes: 'environment',
      summary: 'What "git rollback --env ENV" would go to; what is live there, if nothing was before',
    },
    { name: 'all-live', type: 'flag', summary: 'What is live in each environment, one after the other' },
    {
      name: 'sample',
      type: 'integer',
      value: 'N',
      summary: 'N snapshots of the set, drawn at random; besides those that are named, if any are',
    },
    {
      name: 'faults',
      type: 'flag',
      summary: 'Kill the rollback wherever it can be killed (at most at 20 places), and see that it recovers',
    },
    {
      name: 'health',
      type: 'flag',
      summary:
        'Ask the health program of the environment or the set, too: it may look at the real directory, and not at the copy',
    },
    {
      name: 'markdown',
      type: 'text',
      value: 'FILE',
      completes: 'file',
      summary: "Write the report as Markdown; '-' is standard output, in place of the table",
    },
    {
      name: 'html',
      type: 'text',
      value: 'FILE',
      completes: 'file',
      summary: "Write the report as one page with charts, for a browser; '-' is standard output",
    },
    { name: 'no-record', type: 'flag', summary: 'Enter nothing into the log' },
    SET_OPTION,
  ],
  conflicts: [
    ['snapshot', 'env'],
    ['snapshot', 'all-live'],
    ['env', 'all-live'],
  ],
  examples: [
    { command: 'git snapshot rehearse', summary: 'Would a rollback work now, and how long would it take?' },
    { command: 'git snapshot rehearse --env production', summary: 'The emergency rollback of production' },
    {
      command: 'git snapshot rehearse --all-live --sample 3 --html rehearsal.html',
      summary: 'Every week, in CI, with a page to keep',
    },
  ],
  exitCodes: [0, 2, 3, 4, 5, 6, 7, 8, 9],
} as const satisfies CommandSpec;

export const REHEARSE_AND_DIE = {
  name: 'rehearse-and-die',
  group: 'Go back',
  summary: 'Roll back in a scratch repository, and die on the way',
  description: ['For "git snapshot rehearse --faults".'],
  positionals: [{ name: 'snapshot', required: true, summary: 'Which one' }],
  options: [
    { name: 'move', type: 'integer', value: 'N', summary: 'Before which move of the rollback, from 1' },
    SET_OPTION,
  ],
  conflicts: [],
  examples: [],
  exitCodes: [2],
} as const satisfies CommandSpec;
