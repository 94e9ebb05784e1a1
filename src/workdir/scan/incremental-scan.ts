import { type BytePath, DIRECTORY, fileType, SYMLINK } from '../../core/entry.ts';
import type { ObjectFormat } from '../../core/oid.ts';
import { IGNORE_FILE } from '../../core/snapshot/ignore-file.ts';
import type { Baseline, ExcludedPath, FileStat, IndexDifference, ScannedEntry } from '../../core/workdir.ts';
import { lstatIfThere } from '../file-stat.ts';
import { childPath, isChildOf, nativePath, parentOf, pathBelow } from '../native-path.ts';
import { CachedRecord } from '../stat-cache/content-table.ts';
import { type CachedDirectory, type DirectoryStamp, treesOf } from '../stat-cache/directory-table.ts';
import { refuseType } from './entry-type.ts';
import { KnownContent } from './known-content.ts';
import type { DirectoryChanges } from './look-at-directories.ts';
import { findByPath, mergeByPath, type ScanResult, sortByPath } from './scan-result.ts';
import { type Findings, unknownEntry, type WalkOptions, walk } from './walk.ts';

/** The cache, and what is known to differ from it. */
export interface IncrementalInput extends WalkOptions, DirectoryChanges {
  readonly format: ObjectFormat;
  readonly baseline: Baseline;
  /** Sorted by path. */
  readonly records: readonly CachedRecord[];
  readonly directories: ReadonlyMap<BytePath, CachedDirectory>;
  readonly excluded: readonly ExcludedPath[];
  /** Sorted by path. */
  readonly differences: readonly IndexDifference[];
}

/**
 * Scans by reading only the directories that gained or lost a name, and looking only at the files that git found to
 * differ from the index.
 *
 * @returns undefined where the cache does not fit, or the rules have changed: then everything has to be read
 */
export function scanIncrementally(input: IncrementalInput): ScanResult | undefined {
  const { records, directories, format } = input;
  const dirty = new Map(input.dirty);
  const changed = lookAtFiles(input, dirty);
  if (changed === undefined) return undefined;

  const isStanding = (path: BytePath) => !dirty.has(path) && !input.gone.has(path);
  const split = splitRecords(records, { isStanding, changed });
  if (split === undefined) return undefined;
  const { stayed, lost } = split;
  const known = new KnownContent(lost, format);
  const found = readDirty(input, { dirty, known });
  let isTouched = split.isTouched;
  let foundAgain = 0;
  const read = new Array<ScannedEntry>(found.entries.length);
  for (const [i, each] of found.entries.entries()) {
    // What stands is the record itself.
    const entry = each instanceof CachedRecord ? each : known.recognize(each);
    if (entry instanceof CachedRecord || known.isInBaseline(entry)) foundAgain++;
    else if (isRuleFile(each.path) && directories.has(directoryOf(each))) return undefined;
    else isTouched = true;
    read[i] = entry;
  }
  input.refusals.throwIfAny();

  const stamps = new Map<BytePath, DirectoryStamp>();
  for (const [path, { stamp }] of directories) {
    if (stamp !== undefined && isStanding(path)) stamps.set(path, stamp);
  }
  for (const [path, stat] of found.directories) stamps.set(path, stat);
  return {
    unchanged: isTouched || foundAgain < lost.length ? undefined : input.baseline,
    entries: mergeByPath(stayed, sortByPath(read)),
    cached: { baseline: input.baseline, entries: records, trees: treesOf(directories) },
    excluded: [...input.excluded.filter(({ path }) => isStanding(parentOf(path))), ...found.excluded],
    // The cache vouches for no directory with such a thing in it: see `directoryTable`.
    unfit: input.refusals.left,
    directories: stamps,
  };
}

/**
 * The files that differ, as they are now. A directory in which one is gone, or is no ordinary file, goes to `dirty`:
 * it has changed since it was looked at, and reading it settles what is there.
 *
 * @returns undefined if git speaks of a path that the cache does not have, or of a file of rules
 */
function lookAtFiles(
  input: IncrementalInput,
  dirty: Map<BytePath, FileStat>,
): Map<CachedRecord, ScannedEntry> | undefined {
  const changed = new Map<CachedRecord, ScannedEntry>();
  for (const { path } of input.differences) {
    if (isRuleFile(path)) return undefined;
    const directory = parentOf(path);
    if (dirty.has(directory) || input.gone.has(directory)) continue;
    const record = findByPath(input.records, path);
    if (record === undefined) return undefined;
    const stat = lstatIfThere(nativePath(pathBelow(input.root, path)));
    if (stat !== undefined && isOrdinary(stat)) {
      changed.set(record, unknownEntry(path, stat));
      continue;
    }
    const directoryStat = lstatIfThere(nativePath(pathBelow(input.root, directory)));
    if (directoryStat === undefined || fileType(directoryStat.mode) !== DIRECTORY) return undefined;
    dirty.set(directory, directoryStat);
  }
  return changed;
}

/** The records of directories that stand, as they are now, and those that are yet to be found again. */
interface SplitRecords {
  readonly stayed: ScannedEntry[];
  readonly lost: CachedRecord[];
  /** Whether something that stayed differs from its record. */
  readonly isTouched: boolean;
}

/** @returns undefined where the cache does not know a file that stands */
function splitRecords(
  records: readonly CachedRecord[],
  {
    isStanding,
    changed,
  }: { isStanding: (directory: BytePath) => boolean; changed: ReadonlyMap<CachedRecord, ScannedEntry> },
): SplitRecords | undefined {
  // As long as it may get: a list that grows is copied a dozen times.
  const stayed = new Array<ScannedEntry>(records.length);
  const lost: CachedRecord[] = [];
  let length = 0;
  let isTouched = false;
  // Most are in the same directory as the one before.
  let directory: BytePath = '';
  let stands = isStanding(directory);
  for (const record of records) {
    if (fileType(record.mode) === DIRECTORY || !isChildOf(record.path, directory)) {
      directory = directoryOf(record);
      stands = isStanding(directory);
    }
    if (!stands) {
      lost.push(record);
      continue;
    }
    const now = changed.get(record);
    if (now === undefined && record.known === undefined) return undefined;
    isTouched ||= now !== undefined;
    stayed[length++] = now ?? record;
  }
  stayed.length = length;
  return { stayed, lost, isTouched };
}

function isOrdinary(stat: FileStat): boolean {
  return fileType(stat.mode) !== DIRECTORY && fileType(stat.mode) !== SYMLINK && refuseType(stat.mode) === undefined;
}

function readDirty(
  input: IncrementalInput,
  at: { dirty: ReadonlyMap<BytePath, FileStat>; known: KnownContent },
): Findings {
  const found: Findings = { entries: [], directories: new Map(), excluded: [] };
  const differing = new Set(input.differences.map(({ path }) => path));
  // What the cache knows is looked at in its own turn, or need not be.
  const skip = (path: BytePath) => input.directories.has(path) && !input.gone.has(path);
  // Git has looked at all files of the index. What is below a directory that is gone, it found to be gone.
  const standing = (path: BytePath) => (differing.has(path) ? undefined : at.known.vouchedFile(path));
  for (const [path, stat] of at.dirty) walk({ path, stat }, found, { ...input, skip, standing });
  return found;
}

/** The directory whose names settle whether the entry is there: an empty directory's own. */
function directoryOf({ path, mode }: { path: BytePath; mode: number }): BytePath {
  return fileType(mode) === DIRECTORY ? path : parentOf(path);
}

function isRuleFile(path: BytePath): boolean {
  return path === childPath(parentOf(path), IGNORE_FILE);
}
