import type { CommandSpec } from '../spec.ts';
import { SET_OPTION } from './global.ts';
import { PAGE_OPTIONS } from './pages.ts';

export const REVIEW = {
  name: 'review',
  group: 'Promote',
  summary: 'Show what a reviewer of a promotion needs',
  description: [
    'Shows on one page what a promotion changes in its environment, whether all that it stands on is sound, what the gates say, who signed what, and whose approval is missing. Every byte of both snapshots is verified. Nothing is written but the file of --html.',
    'Without a number, the promotion of ENV that waits; without ENV, the one that waits anywhere.',
    'Ends with 1 where a check fails, or a gate that was run now does not pass.',
  ],
  positionals: [
    { name: 'promotion', completes: 'environment', summary: 'Which one: ENV or ENV/N (default: the one that waits)' },
  ],
  options: [
    { name: 'rerun', type: 'flag', summary: 'Run the gates now, too' },
    { name: 'quick', type: 'flag', summary: 'Verify tags, policy and log; read no content' },
    ...PAGE_OPTIONS,
    SET_OPTION,
  ],
  conflicts: [
    ['markdown', 'json'],
    ['quick', 'rerun'],
  ],
  examples: [
    { command: 'git snapshot review', summary: 'The promotion that waits' },
    { command: 'git snapshot review production/3 --rerun', summary: 'A certain one, with the gates run again' },
    {
      command: 'git snapshot review production --html review.html',
      summary: 'A page for a browser, or to keep with a CI run',
    },
    {
      command: 'git snapshot review --markdown | gh pr comment 7 --body-file -',
      summary: 'Post it on a pull request',
    },
  ],
  exitCodes: [0, 1, 2, 3, 4, 6, 8],
} as const satisfies CommandSpec;
