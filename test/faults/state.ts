import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describeDirectory } from '../support/directory-state.ts';
import type { Stage } from './scene.ts';

/** What is to be old or new: the directory, and of each repository its refs and the events of its log. */
export interface State {
  readonly directory: readonly string[];
  readonly refs: readonly string[];
}

/** Before a command, and after it where nothing goes wrong. */
export type States = Readonly<Record<'old' | 'new', State>>;

const GOVERNED = [
  'refs/snapshots',
  'refs/promotions',
  'refs/approvals',
  'refs/holds',
  'refs/trash',
  'refs/snapshot-policy',
  'refs/tags',
];
const LOG = 'refs/notes/snapshots';

/** Looks with plain git. Times are left out: a command that runs again runs later. */
export function stateOf({ repo, repositories }: Stage): State {
  const refs = [...repositories].flatMap(([part, dir]) => {
    const names = git(dir, 'for-each-ref', '--format=%(refname)', LOG, ...GOVERNED);
    const events = names.includes(LOG) ? git(dir, 'log', '--first-parent', '--reverse', '--format=%s', LOG) : [];
    return [
      ...names.filter((name) => name !== LOG).map((name) => `${part} ${name}`),
      ...events.map((line, i) => `${part} event ${i} ${line}`),
    ];
  });
  const directory = existsSync(repo.root) ? describeDirectory(repo.root) : ['no directory'];
  return { directory, refs: refs.map((line) => line.replace(/\d{8}T\d{6}Z/g, 'TIME')) };
}

function git(cwd: string, ...args: string[]): string[] {
  return execFileSync('git', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
    .split('\n')
    .filter((line) => line !== '');
}

export const isSame = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
