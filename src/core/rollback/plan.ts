import type { BytePath } from '../entry.ts';
import { DIRECTORY, FILE, fileType, permissions } from '../entry.ts';
import type { Oid } from '../oid.ts';
import type { FileStat } from '../workdir.ts';
import { ancestors, checkTarget } from './check-target.ts';
import { Groups, pairs } from './pair-entries.ts';
import { selectPaths } from './select-paths.ts';

/** What a path should hold: a file, a symbolic link, or a directory with nothing in it. */
export interface TargetEntry {
  readonly path: BytePath;
  readonly mode: number;
  readonly oid: Oid;
  /** Length of the content in bytes. */
  readonly size: number;
}

/** What a path holds now, as the scan found it. */
export interface LiveEntry {
  readonly path: BytePath;
  readonly mode: number;
  readonly oid: Oid;
  /** Length of the content in bytes. */
  readonly size: number;
  readonly stat: FileStat;
}

/**
 * One change at one path. Each can be done by renaming, and undone by renaming back.
 *
 * - `remove` takes away a file, a link, or a directory with all in it (`tree`); `was` is every entry that goes with it
 * - `create` puts a file, a link, or a directory with all in it where nothing is
 * - `replace` puts a file or link over a file or link
 * - `chmod` changes permission bits
 */
export type RollbackStep =
  | { readonly kind: 'remove'; readonly path: BytePath; readonly tree: boolean; readonly was: readonly LiveEntry[] }
  | {
      readonly kind: 'create';
      readonly path: BytePath;
      readonly tree: boolean;
      readonly entries: readonly TargetEntry[];
    }
  | { readonly kind: 'replace'; readonly path: BytePath; readonly was: LiveEntry; readonly entry: TargetEntry }
  | { readonly kind: 'chmod'; readonly path: BytePath; readonly was: LiveEntry; readonly entry: TargetEntry };

/** A path that cannot be put back, since something is in its place that must not be touched. */
export interface PlanConflict {
  readonly path: BytePath;
  /** What is in the way. */
  readonly obstacle: BytePath;
  /** Left out of snapshots by a rule, or outside the paths that were asked for. */
  readonly reason: 'excluded' | 'not-selected';
}

/** How a directory becomes what a snapshot holds. */
export interface RollbackPlan {
  /** In an order in which each can be done: what goes, then what comes, then permissions. The reverse order undoes. */
  readonly steps: readonly RollbackStep[];
  /** Where any is listed, the plan must not be applied. */
  readonly conflicts: readonly PlanConflict[];
  /** Files, links and empty directories. */
  readonly counts: {
    readonly created: number;
    readonly replaced: number;
    readonly deleted: number;
    readonly modes: number;
  };
  /** All that the directory holds afterwards, what is excluded aside; sorted by path. */
  readonly result: readonly TargetEntry[];
  /** All that it holds now, what is excluded aside; sorted by path. */
  readonly live: readonly LiveEntry[];
}

/** Of {@link planRollback}. Both lists are sorted by path, and name no directory that holds something. */
export interface PlanInput {
  readonly live: readonly LiveEntry[];
  readonly target: readonly TargetEntry[];
  /** Paths that ignore rules left out of the scan. Never touched, nor is a directory that holds one removed. */
  readonly excluded: readonly BytePath[];
  /** Of these, what is in the way holds just what the target has there: it stays. */
  readonly standing?: ReadonlySet<BytePath>;
  /** Put back only these files and directories, and what is below them. */
  readonly paths?: readonly BytePath[] | undefined;
}

const NONE: ReadonlySet<BytePath> = new Set();

/**
 * Compares a directory with the snapshot that it should become. Changes nothing.
 *
 * @throws {MalformedError} if the target is no possible content of a directory, or has a name that must not be written
 */
export function planRollback({ live, target, excluded, standing = NONE, paths }: PlanInput): RollbackPlan {
  checkTarget(target);
  const selection = paths === undefined ? undefined : selectPaths({ live, target, paths });
  const selected = selection?.wanted ?? target;
  const wanted = standing.size === 0 ? selected : selected.filter(({ path }) => !standing.has(path));

  const protectedPaths = new Set(excluded);
  // A directory that an excluded path needs cannot go.
  const neededDirs = ancestors(excluded.map((path) => ({ path })));
  const liveDirs = new Set([...directoriesOf(live), ...neededDirs, ...excluded]);
  const wantedDirs = directoriesOf(wanted);
  const staysDirectory = (dir: BytePath) => wantedDirs.has(dir) || neededDirs.has(dir);

  const removed = new Groups<LiveEntry>();
  const created = new Groups<TargetEntry>();
  const changes: Extract<RollbackStep, { kind: 'replace' | 'chmod' }>[] = [];
  const conflicts: PlanConflict[] = [...(selection?.conflicts ?? [])];

  const remove = (was: LiveEntry) => {
    const top = topmost(was.path, (dir) => !staysDirectory(dir));
    if (top !== undefined) removed.add(top, true, was);
    else if (fileType(was.mode) !== DIRECTORY) removed.add(was.path, false, was);
    else if (!staysDirectory(was.path)) removed.add(was.path, true, was);
  };
  const create = (entry: TargetEntry) => {
    const top = topmost(entry.path, (dir) => !liveDirs.has(dir));
    if (top !== undefined) created.add(top, true, entry);
    else if (fileType(entry.mode) !== DIRECTORY) created.add(entry.path, false, entry);
    else if (!liveDirs.has(entry.path)) created.add(entry.path, true, entry);
  };

  for (const { was, entry } of pairs(live, wanted)) {
    if (entry !== undefined && (was === undefined || differs(was, entry))) {
      const obstacle = obstacleTo(entry, protectedPaths, neededDirs);
      if (obstacle !== undefined) conflicts.push({ path: entry.path, obstacle, reason: 'excluded' });
    }
    if (was === undefined) {
      if (entry !== undefined) create(asTarget(entry));
    } else if (entry === undefined) remove(was);
    else if (!differs(was, entry)) continue;
    else if (fileType(was.mode) === DIRECTORY || fileType(entry.mode) === DIRECTORY) {
      remove(was);
      create(asTarget(entry));
    } else {
      // Another name of the same file may be outside the set: changing the file would change it there.
      const onlyMode = was.oid === entry.oid && fileType(was.mode) === fileType(entry.mode) && was.stat.nlink === 1;
      changes.push({ kind: onlyMode ? 'chmod' : 'replace', path: was.path, was, entry: asTarget(entry) });
    }
  }

  const steps: RollbackStep[] = [
    ...removed.list().map(({ path, tree, members }) => ({ kind: 'remove' as const, path, tree, was: members })),
    ...changes.filter(({ kind }) => kind === 'replace'),
    ...created.list().map(({ path, tree, members }) => ({ kind: 'create' as const, path, tree, entries: members })),
    ...changes.filter(({ kind }) => kind === 'chmod'),
  ];
  const modes = changes.filter(({ kind }) => kind === 'chmod').length;
  const counts = { created: created.size, replaced: changes.length - modes, deleted: removed.size, modes };
  return { steps, conflicts, counts, result: wanted, live };
}

type AnyEntry = { readonly path: BytePath; readonly mode: number; readonly oid: Oid };

/** Entries kept from the live directory are equal on both sides, so that only entries of the target are ever written. */
function asTarget(entry: AnyEntry): TargetEntry {
  if (!('size' in entry)) throw new Error(`no content is known for '${entry.path}'`);
  return entry as TargetEntry;
}

function differs(was: AnyEntry, entry: AnyEntry): boolean {
  // Most are: see the caller, who has one entry for what is the same on both sides.
  if (was === entry) return false;
  if (fileType(was.mode) !== fileType(entry.mode)) return true;
  if (fileType(was.mode) === DIRECTORY) return false;
  return was.oid !== entry.oid || (fileType(was.mode) === FILE && permissions(was.mode) !== permissions(entry.mode));
}

/** The excluded path that holds the place of `entry`: at it, above it, or below what would be no directory. */
function obstacleTo(
  entry: AnyEntry,
  excluded: ReadonlySet<BytePath>,
  needed: ReadonlySet<BytePath>,
): BytePath | undefined {
  if (excluded.has(entry.path)) return entry.path;
  const above = topmost(entry.path, (dir) => excluded.has(dir));
  if (above !== undefined) return above;
  if (fileType(entry.mode) === DIRECTORY || !needed.has(entry.path)) return undefined;
  return [...excluded].find((path) => path.startsWith(`${entry.path}/`));
}

/** Every directory that the entries need or are. */
function directoriesOf(entries: readonly AnyEntry[]): Set<BytePath> {
  const dirs = ancestors(entries);
  for (const entry of entries) if (fileType(entry.mode) === DIRECTORY) dirs.add(entry.path);
  return dirs;
}

/** The directory nearest the root, of those above `path`, that passes. */
function topmost(path: BytePath, passes: (dir: BytePath) => boolean): BytePath | undefined {
  for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1)) {
    const dir = path.slice(0, slash);
    if (passes(dir)) return dir;
  }
  return undefined;
}
