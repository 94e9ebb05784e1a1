import type { CommandSpec } from '../spec.ts';
import { SET_OPTION } from './global.ts';

export const LIST = {
  name: 'list',
  alias: 'ls',
  group: 'Look',
  summary: 'List snapshots, newest first',
  description: ['Reads the tags alone, so it is fast and believes what they say: "verify" checks.'],
  positionals: [],
  options: [
    { name: 'limit', short: 'n', type: 'integer', value: 'N', summary: 'Show at most N' },
    {
      name: 'label',
      short: 'l',
      type: 'text',
      value: 'KEY=VALUE',
      repeat: true,
      summary: 'Only those with this label (repeatable: all of them)',
    },
    {
      name: 'since',
      type: 'text',
      value: 'TIME',
      summary: 'Only those taken after TIME: 2026-11-22, or 2w, 3d, 12h ago',
    },
    { ...SET_OPTION, summary: 'Only those of this set (default: every set)' },
  ],
  conflicts: [],
  examples: [
    { command: 'git snapshot list -n 10', summary: 'The last ten' },
    { command: 'git snapshot list --since 2w --label branch=main', summary: 'Those of two weeks with a label' },
    { command: "git snapshot list --json | jq -r '.[].id'", summary: 'Ids, for a script' },
  ],
  exitCodes: [0, 2, 3, 4],
} as const satisfies CommandSpec;
