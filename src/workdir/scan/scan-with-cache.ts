import type { ByteString } from '../../core/byte-string.ts';
import type { BytePath } from '../../core/entry.ts';
import { SnapshotError } from '../../core/errors.ts';
import type { Baseline, FileStat, IndexDifference, IndexScanner, UnfitHandling } from '../../core/workdir.ts';
import { sameStat } from '../file-stat.ts';
import type { CacheState } from '../stat-cache/cache-state.ts';
import { type CachedDirectory, type DirectoryStamp, treesOf } from '../stat-cache/directory-table.ts';
import type { StatCache } from '../stat-cache/stat-cache.ts';
import { scanFully } from './full-scan.ts';
import { type IgnoreFileReader, IgnoreRules, ignoreFilesIn } from './ignore-rules.ts';
import { scanIncrementally } from './incremental-scan.ts';
import { lookAtDirectories } from './look-at-directories.ts';
import { Refusals } from './refusals.ts';
import type { ScanResult } from './scan-result.ts';
import type { WalkOptions } from './walk.ts';

/** What does not change between scans of one directory, but for the refusals and rules, which each scan makes anew. */
export type ScanSettings = Omit<WalkOptions, 'rules' | 'refusals' | 'skip'> & {
  readonly format: Parameters<typeof scanFully>[0]['format'];
  readonly exclude: readonly string[];
  readonly unfit: UnfitHandling;
};

/** A cache that may be used, as its baseline is alive. */
export interface UsableCache {
  readonly cache: StatCache;
  readonly state: CacheState;
}

/** Nothing differs: neither the entries nor the directories had to be listed, and nothing is there that no snapshot can hold. */
export interface Untouched extends Pick<ScanResult, 'directories' | 'excluded'> {
  readonly untouched: Baseline;
}

/** Reads everything, with the cache's knowledge of files whose stat is exactly what it was. */
export async function scanEverything(
  settings: ScanSettings,
  { rootStat, usable }: { rootStat: FileStat; usable: UsableCache | undefined },
): Promise<ScanResult> {
  const index = usable?.cache.readIndex(usable.state);
  const content = index && usable?.cache.readContent(usable.state, index);
  const cached = usable &&
    content && {
      baseline: usable.state.baseline,
      entries: content.records,
      trees: treesOf(usable.cache.readDirectories(usable.state) ?? new Map()),
    };
  return scanFully({ ...(await begin(settings)), rootStat, cached });
}

/**
 * Scans by what has changed: git compares the files with the index while we look at the directories.
 *
 * @param full - list the entries even if nothing has changed
 * @returns undefined where the cache does not do, for whatever reason
 */
export async function scanChanges(
  settings: ScanSettings,
  { usable, indexScanner, full }: { usable: UsableCache; indexScanner: IndexScanner; full: boolean },
): Promise<ScanResult | Untouched | undefined> {
  const { cache, state } = usable;
  const indexBefore = cache.indexStat();
  if (indexBefore === undefined) return undefined;
  const differing = compareByGit(indexScanner, cache.indexFile, settings.root);
  const directories = cache.readDirectories(state);
  const changes = directories && lookAtDirectories(settings.root, directories);
  const index = cache.readIndex(state);
  // While git is at work, if it is certain already that they will be needed.
  const needed = full || (changes !== undefined && changes.dirty.size + changes.gone.size > 0);
  const early = needed ? index && cache.readContent(state, index) : undefined;
  const differences = await differing;
  if (index === undefined || differences === undefined || directories === undefined || changes === undefined)
    return undefined;
  // Git may have read an index that another process put there meanwhile.
  const indexAfter = cache.indexStat();
  if (indexAfter === undefined || !sameStat(indexBefore, indexAfter)) return undefined;

  const touched = differences.length + changes.dirty.size + changes.gone.size > 0;
  const excluded = cache.readExcluded(state);
  if (excluded === undefined) return undefined;
  if (!touched && !full) return { untouched: state.baseline, directories: stampsOf(directories), excluded };
  const content = early ?? cache.readContent(state, index);
  if (content === undefined) return undefined;
  const { records } = content;
  const { baseline } = state;
  const context = await begin(settings);
  return scanIncrementally({ ...context, ...changes, baseline, records, directories, excluded, differences });
}

function stampsOf(directories: ReadonlyMap<BytePath, CachedDirectory>): Map<BytePath, DirectoryStamp> {
  const stamps = new Map<BytePath, DirectoryStamp>();
  for (const [path, { stamp }] of directories) if (stamp !== undefined) stamps.set(path, stamp);
  return stamps;
}

/** Loads the matcher of patterns, which an unchanged directory never needs. */
export async function loadRules(exclude: readonly ByteString[], read: IgnoreFileReader): Promise<IgnoreRules> {
  const { default: createMatcher } = await import('ignore');
  return new IgnoreRules({ read, exclude, createMatcher });
}

async function begin(settings: ScanSettings): Promise<ScanSettings & WalkOptions> {
  const rules = await loadRules(settings.exclude, ignoreFilesIn(settings.root));
  return { ...settings, rules, refusals: new Refusals(settings.unfit) };
}

/** A git that cannot read the index is one more cache that does not do: the full scan will find what there is. */
async function compareByGit(
  scanner: IndexScanner,
  indexFile: string,
  root: string,
): Promise<IndexDifference[] | undefined> {
  try {
    return await scanner.differences(indexFile, root);
  } catch (error) {
    if (error instanceof SnapshotError) return undefined;
    throw error;
  }
}
