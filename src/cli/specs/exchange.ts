import type { CommandSpec } from '../spec.ts';
import { SET_OPTION } from './global.ts';

export const EXPORT = {
  name: 'export',
  group: 'Share',
  summary: 'Write a snapshot to a file, with all that proves it',
  description: [
    'The file holds the content, the signed tag, the policy and the audit log, and the promotions of the snapshot. "git snapshot verify --bundle FILE" proves it with nothing but the file, and "git snapshot import FILE" brings it back. The snapshot is verified first, every byte.',
    "A bundle can be read by git itself ('git fetch FILE'); tar and zip files can be extracted by everybody. docs/backup.md has the rest.",
  ],
  positionals: [{ name: 'snapshot', completes: 'snapshot', summary: 'Which one (default: current)' }],
  options: [
    {
      name: 'format',
      type: 'choice',
      value: 'FORMAT',
      choices: ['bundle', 'tar', 'zip'],
      summary: "'bundle', 'tar' or 'zip' (default: as FILE ends, else 'bundle')",
    },
    {
      name: 'output',
      short: 'o',
      type: 'text',
      value: 'FILE',
      completes: 'file',
      summary: "Where to; '-' is standard output (default: named after the snapshot, in the current directory)",
    },
    { name: 'force', short: 'f', type: 'flag', summary: 'Replace the file if it exists' },
    SET_OPTION,
  ],
  conflicts: [],
  examples: [
    { command: 'git snapshot export latest -o /backup/latest.bundle', summary: 'A backup of the newest' },
    {
      command: 'git snapshot export @production --format tar -o - | zstd > live.tar.zst',
      summary: 'What is live, packed',
    },
  ],
  exitCodes: [0, 2, 3, 4, 5, 6, 8],
} as const satisfies CommandSpec;

export const IMPORT = {
  name: 'import',
  group: 'Share',
  summary: 'Bring a snapshot back from a file',
  description: [
    'Verifies the file, every byte, then brings in what is not here: a snapshot whose ref is gone, or whose objects are lost or damaged; in a repository without snapshots, policy and log too. Nothing that is here is replaced, and a file of another repository is refused.',
  ],
  positionals: [{ name: 'file', required: true, completes: 'file', summary: 'What "export" wrote' }],
  options: [{ name: 'dry-run', short: 'n', type: 'flag', summary: 'Verify, and say what would be brought in' }],
  conflicts: [],
  examples: [{ command: 'git snapshot import /backup/latest.bundle', summary: 'Bring it back' }],
  exitCodes: [0, 2, 3, 4, 5, 6, 8],
} as const satisfies CommandSpec;
