import { createHash, createHmac } from 'node:crypto';
import { mkdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type Entry, FILE, fileType, SYMLINK } from '../../src/core/entry.ts';
import { type ObjectFormat, type Oid, SHA1 } from '../../src/core/oid.ts';
import { cleanTrees, compareEntries } from '../../src/core/snapshot/changes.ts';
import type {
  Baseline,
  CachedEntry,
  IndexScanner,
  Scan,
  ScannedEntry,
  UnfitHandling,
  Workdir,
} from '../../src/core/workdir.ts';
import { openWorkdir, type WorkdirOptions } from '../../src/workdir/open-workdir.ts';
import { diffFilesScanner } from './diff-files-scanner.ts';
import { tempRepo } from './temp-repo.ts';

type Scanned = Extract<Scan, { outcome: 'scanned' }>;

/** A set's directory in a temporary repository, and ways to scan it and to do what a snapshot would do. */
export interface ScannedSet {
  readonly root: string;
  readonly cacheDir: string;
  readonly workdir: Workdir;
  /** How often the index scanner was asked. */
  readonly asked: () => number;
  /** A workdir on the same cache, as another run of the program would have it. */
  reopen(options?: Partial<WorkdirOptions>): Workdir;
  /** A full list of entries, by the cache as far as it does. */
  scanAll(workdir?: Workdir): Promise<Scanned>;
  /** A full list of entries, without the cache. */
  scanAfresh(): Promise<Scanned>;
  /** Scans, reads content, and saves the result as the baseline. */
  snapshot(workdir?: Workdir): Promise<CachedEntry[]>;
}

export const BASELINE_TAG = '1'.repeat(40) as Oid;

/** @param options.unfit - of each scan of this set */
export function makeSet({
  unfit = 'refuse',
  ...options
}: Partial<WorkdirOptions> & { unfit?: UnfitHandling } = {}): ScannedSet {
  const format = options.format ?? SHA1;
  const repo = tempRepo(`--object-format=${format.name}`);
  const root = join(repo.dir, 'artifacts');
  const cacheDir = join(repo.dir, '.git', 'stat-cache');
  mkdirSync(root);
  let asked = 0;
  const scanner = diffFilesScanner(join(repo.dir, '.git'));
  const indexScanner: IndexScanner = {
    differences(indexFile, directory) {
      asked++;
      return scanner.differences(indexFile, directory);
    },
  };
  const authenticator = async () => (text: string) => createHmac('sha256', 'a key').update(text).digest('hex');
  const reopen = (more: Partial<WorkdirOptions> = {}) =>
    openWorkdir({ root, cacheDir, exclude: [], indexScanner, format, authenticator, ...options, ...more });
  const workdir = reopen();
  const scanAll = async (by = reopen()) => scanned(await by.scan({ baselineAlive: () => true, full: true, unfit }));
  return {
    root,
    cacheDir,
    workdir,
    asked: () => asked,
    reopen,
    scanAll,
    scanAfresh: async () => scanned(await reopen().scan({ baselineAlive: () => false, full: true, unfit })),
    async snapshot(by = reopen()) {
      const scan = await scanAll(by);
      const cached = scan.entries.map((entry) => ingest(root, entry, format));
      const trees = cleanTreesOf(scan, cached);
      for (const path of ['', ...directoriesOf(cached)]) trees.set(path, treeOf(path, cached, format));
      await by.saveBaseline(baselineOf(cached, format), cached, trees);
      return cached;
    },
  };
}

/** The trees of directories in which nothing changed since the state that the cache knows. */
export function cleanTreesOf({ cached }: Scanned, now: readonly CachedEntry[]): Map<string, Oid> {
  return cached === undefined ? new Map() : cleanTrees(cached.trees, compareEntries<Entry>(cached.entries, now));
}

function scanned(scan: Scan): Scanned {
  if (scan.outcome !== 'scanned') throw new Error('expected a list');
  return scan;
}

/** Real content of an entry, unless the cache vouches for it. */
export function ingest(root: string, entry: ScannedEntry, format: ObjectFormat): CachedEntry {
  const { path, mode, stat, known } = entry;
  if (known !== undefined) return known;
  const { bytes } = readContent(root, path, mode);
  const oid = createHash(format.name).update(`blob ${bytes.length}\0`).update(bytes).digest('hex') as Oid;
  return { path, mode, stat, oid, sha256: createHash('sha256').update(bytes).digest('hex'), size: bytes.length };
}

export function readContent(root: string, path: string, mode: number): { bytes: Buffer } {
  const absolute = Buffer.from(`${root}/${path}`, 'latin1');
  if (fileType(mode) === FILE) return { bytes: readFileSync(absolute) };
  if (fileType(mode) === SYMLINK) return { bytes: readlinkSync(absolute, 'buffer') };
  return { bytes: Buffer.alloc(0) };
}

function directoriesOf(entries: readonly { path: string }[]): string[] {
  const paths = new Set<string>();
  for (const { path } of entries) {
    const names = path.split('/');
    for (let n = 1; n < names.length; n++) paths.add(names.slice(0, n).join('/'));
  }
  return [...paths];
}

/** Stands for git's tree name: as it does, it changes when anything at or below changes. */
export function treeOf(path: string, entries: readonly CachedEntry[], format: ObjectFormat): Oid {
  const below = entries.filter((entry) => path === '' || entry.path.startsWith(`${path}/`));
  if (below.length === 0) return createHash(format.name).update('tree 0\0').digest('hex') as Oid;
  const text = below.map(({ path: each, mode, oid }) => `${mode} ${oid} ${each}\n`).join('');
  return createHash(format.name).update(text).digest('hex') as Oid;
}

function baselineOf(entries: readonly CachedEntry[], format: ObjectFormat): Baseline {
  const tag = (format.hexLength === 40 ? BASELINE_TAG : '1'.repeat(64)) as Oid;
  const manifest = createHash('sha256')
    .update(entries.map((e) => `${e.mode} ${e.sha256} ${e.path}\n`).join(''))
    .digest('hex');
  const bytes = entries.reduce((sum, { size }) => sum + size, 0);
  return { tag, tree: treeOf('', entries, format), manifest, files: entries.length, bytes };
}
