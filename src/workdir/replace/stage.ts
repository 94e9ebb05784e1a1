import { spawnSync } from 'node:child_process';
import { mkdirSync, statfsSync } from 'node:fs';
import { type ByteString, utf8Decode } from '../../core/byte-string.ts';
import { DIRECTORY, fileType, permissions, SYMLINK } from '../../core/entry.ts';
import { SnapshotError } from '../../core/errors.ts';
import type { BlobToRestore } from '../../core/ports.ts';
import { ancestors } from '../../core/rollback/check-target.ts';
import type { RollbackPlan, TargetEntry } from '../../core/rollback/plan.ts';
import { shortage } from '../free-bytes.ts';
import { at, dirOf, isSystemError, lstat, removeIfThere, sync, writeNewFile } from './disk.ts';
import { freshDirectory, freshPath } from './fresh-path.ts';

/** Up to here each file is synced by itself; from here on, the whole file system at once costs less. */
const SYNC_EACH = 64;

/** What has to be put into a staging area for a plan. */
export interface StagingWork {
  /** Directories to make, each after the one that it is in. */
  readonly directories: readonly ByteString[];
  readonly blobs: readonly BlobToRestore[];
}

/** Where in the staging area everything new goes: `new/<…>/<number of the step>`, with what belongs below it. */
export function stagingWork(plan: RollbackPlan, staging: ByteString): StagingWork {
  const shared = new Set<ByteString>();
  const directories: ByteString[] = [];
  const blobs: BlobToRestore[] = [];
  const addBlob = (entry: TargetEntry, destination: ByteString) => blobs.push(blobAt(entry, destination));
  plan.steps.forEach((step, n) => {
    if (step.kind !== 'create' && step.kind !== 'replace') return;
    const top = freshPath(staging, n);
    shared.add(freshDirectory(staging, n));
    if (step.kind === 'replace') addBlob(step.entry, top);
    if (step.kind !== 'create') return;
    if (step.tree) directories.push(top);
    const below = step.entries.map(({ path }) => ({ path: path.slice(step.path.length + 1) }));
    const dirs = ancestors(below);
    for (const entry of step.entries) {
      const path = entry.path.slice(step.path.length + 1);
      if (fileType(entry.mode) !== DIRECTORY) addBlob(entry, path === '' ? top : `${top}/${path}`);
      else if (path !== '') dirs.add(path);
    }
    directories.push(...[...dirs].sort().map((dir) => `${top}/${dir}`));
  });
  return { directories: [...shared, ...directories], blobs };
}

/** How a file or link is written. */
export function blobAt({ oid, mode }: TargetEntry, destination: ByteString): BlobToRestore {
  const symlink = fileType(mode) === SYMLINK;
  return { oid, destination, permissions: symlink ? 0o777 : permissions(mode), symlink };
}

/** Every entry that a plan brings. */
export function newEntries({ steps }: RollbackPlan): TargetEntry[] {
  return steps.flatMap((step) => (step.kind === 'create' ? step.entries : step.kind === 'replace' ? [step.entry] : []));
}

/** @throws {SnapshotError} of kind `conflict` if the new files would not fit */
export function checkSpace(entries: readonly TargetEntry[], staging: ByteString): void {
  const { bavail, bsize } = statfsSync(at(staging));
  let needed = 0;
  for (const { size } of entries) needed += Math.ceil(size / bsize) * bsize;
  const free = bavail * bsize;
  if (needed <= free) return;
  const said = shortage(needed, free);
  throw new SnapshotError('conflict', `the new files need ${said.needed}, and only ${said.free} are free`, {
    hint: 'Free some disk space, then run the command again. Nothing was changed.',
  });
}

/** Makes the directories of a staging area. */
export function makeDirectories({ directories }: StagingWork): void {
  for (const dir of directories) mkdirSync(at(dir));
}

/** Makes all that was staged survive a power cut: content, and names. */
export function syncStaged({ directories, blobs }: StagingWork, staging: ByteString): void {
  // A link's content is part of its directory.
  const files = blobs.filter(({ symlink }) => !symlink).map(({ destination }) => destination);
  syncAll([...files, ...directories, `${staging}/new`, staging, dirOf(staging)], staging);
}

/** Syncs each path, or, if there are many, the file system that `inside` is on. */
export function syncAll(paths: readonly ByteString[], inside: ByteString): void {
  if (paths.length <= SYNC_EACH || !syncFileSystem(inside)) for (const path of paths) syncPath(path);
}

function syncPath(path: ByteString): void {
  try {
    sync(path);
  } catch (error) {
    // Gone again, or with permissions that keep even its owner from opening it: its directory's sync is what is left.
    if (!isSystemError(error, 'ENOENT', 'ENOTDIR', 'EACCES')) throw error;
  }
}

/** Node has no syncfs(2). `sync -f` of the GNU tools has. */
function syncFileSystem(path: ByteString): boolean {
  const text = utf8Decode(path);
  if (process.platform !== 'linux' || text === undefined) return false;
  return spawnSync('sync', ['-f', '--', text], { stdio: 'ignore' }).status === 0;
}

/**
 * A change time, by the clock of a file system, which everything staged there is older than and everything that happens
 * from now on is not.
 *
 * @param probe - path of a file that is made for it
 */
export function timeNow(probe: ByteString): { sec: number; nsec: number } {
  const tick = () => {
    writeNewFile(probe, '');
    const stat = lstat(probe);
    removeIfThere(probe);
    return { sec: stat?.ctimeSec ?? 0, nsec: stat?.ctimeNsec ?? 0 };
  };
  const first = tick();
  // That clock moves in steps of some milliseconds. Where they are longer, we settle for calling our own files changed.
  for (let tries = 0; tries < 20; tries++) {
    const now = tick();
    if (now.sec !== first.sec || now.nsec !== first.nsec) return now;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
  }
  return first;
}
