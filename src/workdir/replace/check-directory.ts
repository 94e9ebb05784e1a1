import { readFileSync, realpathSync } from 'node:fs';
import { type ByteString, displayBytes } from '../../core/byte-string.ts';
import { type BytePath, DIRECTORY, fileType } from '../../core/entry.ts';
import { SnapshotError } from '../../core/errors.ts';
import type { LiveEntry, RollbackPlan, RollbackStep } from '../../core/rollback/plan.ts';
import type { FileStat } from '../../core/workdir.ts';
import { at, isDirectory, isSystemError, lstat } from './disk.ts';
import { isAsScanned } from './marks.ts';
import { Parents } from './parents.ts';
import { walkNames } from './tree.ts';

/** How a directory is now, wherever a plan changes it. */
export interface SecondLook {
  /** Of every path that goes or changes and is still there. */
  readonly found: ReadonlyMap<BytePath, FileStat>;
  /** What is not as the scan found it: another program has changed, removed or made it since. */
  readonly changed: ReadonlySet<BytePath>;
}

/**
 * Looks again at what a plan changes.
 *
 * @throws {SnapshotError} of kind `conflict` where something else stands in the place of a directory
 */
export function lookAgain(root: ByteString, plan: RollbackPlan): SecondLook {
  const parents = new Parents(root, 'conflict');
  for (const { path } of plan.steps) parents.check(path);
  const changed = new Set<BytePath>();
  const found = new Map<BytePath, FileStat>();
  const removed = new Set(plan.steps.filter(({ kind }) => kind === 'remove').map(({ path }) => path));
  const check = ({ path, mode, stat }: LiveEntry) => {
    const now = lstat(`${root}/${path}`);
    const same = fileType(mode) === DIRECTORY ? isDirectory(now) : now !== undefined && isAsScanned(stat, now);
    if (now !== undefined) found.set(path, now);
    if (!same) changed.add(path);
  };

  for (const step of plan.steps) {
    if (step.kind === 'create') {
      if (!removed.has(step.path) && lstat(`${root}/${step.path}`) !== undefined) changed.add(step.path);
    } else if (step.kind === 'remove') {
      for (const was of step.was) check(was);
      if (!step.tree) continue;
      const known = new Set(step.was.map(({ path }) => path));
      walkNames(`${root}/${step.path}`, (_, below) => {
        const path = below === '' ? step.path : `${step.path}/${below}`;
        if (!known.has(path)) changed.add(path);
      });
    } else check(step.was);
  }
  return { found, changed };
}

/**
 * Refuses a plan that changes something on another file system than the set's directory: it could not be done by renames.
 *
 * @throws {SnapshotError} of kind `conflict`
 */
export function checkMounts(root: ByteString, plan: RollbackPlan): void {
  const refuse = (mount: BytePath) =>
    new SnapshotError('conflict', `'${displayBytes(mount)}' is a mount point, and the snapshot differs there`, {
      hint: 'Unmount it, or put back other paths only, with "--path".',
    });
  const mounts = mountsBelow(root);
  const dev = lstat(root)?.dev;
  for (const step of plan.steps) {
    const mount = mounts.find((point) => isAcross(step, point));
    if (mount !== undefined) throw refuse(mount);
    const odd = oldEntries(step).find(({ stat }) => dev !== undefined && stat.dev !== dev);
    // A scan that took its stats from an index may know no device.
    if (odd !== undefined && lstat(`${root}/${odd.path}`)?.dev !== dev) throw refuse(odd.path);
  }
}

function oldEntries(step: RollbackStep): readonly LiveEntry[] {
  if (step.kind === 'create') return [];
  return step.kind === 'remove' ? step.was : [step.was];
}

function isAcross(step: RollbackStep, mount: BytePath): boolean {
  return step.path === mount || step.path.startsWith(`${mount}/`) || mount.startsWith(`${step.path}/`);
}

/** Mount points in a directory, as Linux lists them; none where there is no such list. A bind mount can be seen in no other way. */
export function mountsBelow(root: ByteString): BytePath[] {
  let list: string;
  let real: string;
  try {
    list = readFileSync('/proc/self/mountinfo', 'latin1');
    real = realpathSync.native(at(root), { encoding: 'latin1' });
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'EACCES')) return [];
    throw error;
  }
  return list
    .split('\n')
    .map((line) =>
      (line.split(' ')[4] ?? '').replace(/\\([0-7]{3})/g, (_, octal: string) =>
        String.fromCharCode(Number.parseInt(octal, 8)),
      ),
    )
    .filter((point) => point.startsWith(`${real}/`))
    .map((point) => point.slice(real.length + 1));
}
