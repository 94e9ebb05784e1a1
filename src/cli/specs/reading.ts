import type { CommandSpec } from '../spec.ts';
import { PATH_OPTION, SET_OPTION } from './global.ts';
import { PAGE_OPTIONS } from './pages.ts';

const SNAPSHOT = { name: 'snapshot', completes: 'snapshot' } as const;
const SELECTORS =
  "A snapshot is named by its id or the beginning of it, 'current' (what the directory should be), 'latest' (the newest but for automatic backups), 'latest~2', '@production' (what is live in that environment) and '@production~1' (what was before), 'sha256:' and the beginning of its manifest's digest, or 'label:KEY=VALUE'; one of another set as 'models/latest'.";

export const SHOW = {
  name: 'show',
  group: 'Look',
  summary: 'Show all about one snapshot',
  description: ['Shows what the tag of a snapshot says.', SELECTORS],
  positionals: [{ ...SNAPSHOT, summary: 'Which one (default: current)' }],
  options: [SET_OPTION],
  conflicts: [],
  examples: [{ command: 'git snapshot show latest~1', summary: 'The one before the last' }],
  exitCodes: [0, 2, 3, 4, 6],
} as const satisfies CommandSpec;

export const MANIFEST = {
  name: 'manifest',
  group: 'Look',
  summary: 'Print the files of a snapshot with their hashes',
  description: [
    'One line a path: mode, SHA-256, size, path. Not on a terminal, the bytes are those whose SHA-256 the snapshot signs, as "show" says it.',
    SELECTORS,
  ],
  positionals: [{ ...SNAPSHOT, summary: 'Which one (default: current)' }],
  options: [
    {
      name: 'format',
      type: 'choice',
      value: 'FORMAT',
      choices: ['text', 'sha256sum'],
      summary: "'text', or 'sha256sum' for what \"sha256sum -c\" reads",
    },
    SET_OPTION,
  ],
  conflicts: [['format', 'json']],
  examples: [
    {
      command: 'git snapshot manifest --format sha256sum | (cd artifacts && sha256sum -c --quiet)',
      summary: 'Check the directory with no help from git',
    },
  ],
  exitCodes: [0, 2, 3, 4, 6],
} as const satisfies CommandSpec;

export const DIFF = {
  name: 'diff',
  group: 'Look',
  summary: 'Show what differs between two snapshots, or from the directory',
  description: [
    'Compares FROM with TO, or with the directory as it is now. A: added, M: changed, D: deleted, T: another type.',
    SELECTORS,
  ],
  positionals: [
    { name: 'from', completes: 'snapshot', summary: 'Which one (default: current)' },
    { name: 'to', completes: 'snapshot', summary: 'Which other (default: the directory)' },
  ],
  options: [
    { name: 'name-status', type: 'flag', summary: 'Status and path of each (the default)' },
    { name: 'stat', type: 'flag', summary: 'Sizes before and after, and a total' },
    { name: 'patch', short: 'p', type: 'flag', summary: 'Text changes line by line' },
    ...PAGE_OPTIONS,
    PATH_OPTION,
    SET_OPTION,
  ],
  conflicts: [
    ['name-status', 'stat'],
    ['name-status', 'patch'],
    ['stat', 'patch'],
    ['patch', 'json'],
    ['stat', 'json'],
    ...(['name-status', 'stat', 'patch', 'json'] as const).map((other) => ['markdown', other] as const),
    ...(['name-status', 'stat', 'patch'] as const).map((other) => ['html', other] as const),
  ],
  examples: [
    { command: 'git snapshot diff', summary: 'What has changed since the last snapshot' },
    { command: 'git snapshot diff latest~1 latest --stat', summary: 'What the last one changed' },
    { command: 'git snapshot diff -p --path prompts', summary: 'Line by line, below prompts/' },
    {
      command: 'git snapshot diff @production @staging --html diff.html',
      summary: 'A page for a browser: what would change there',
    },
  ],
  exitCodes: [0, 2, 3, 4, 6, 8],
} as const satisfies CommandSpec;
