import type { ByteString } from '../core/byte-string.ts';
import type { BytePath, Entry } from '../core/entry.ts';
import { isOid, type ObjectFormat, type Oid } from '../core/oid.ts';
import type { Baseline, CachedEntry, IndexScanner, Scan, UnfitHandling, Workdir } from '../core/workdir.ts';
import { emptyDirectory } from './empty-directory.ts';
import { holdsEntries } from './holds-entries.ts';
import { type LiveDirectory, liveDirectory } from './releases/live-directory.ts';
import { isEmpty } from './scan/is-empty.ts';
import { leftOutBy } from './scan/left-out-by.ts';
import type { ScanResult } from './scan/scan-result.ts';
import { loadRules, type ScanSettings, scanChanges, scanEverything, type UsableCache } from './scan/scan-with-cache.ts';
import { CacheDirectory } from './stat-cache/cache-directory.ts';
import type { Authenticate } from './stat-cache/cache-state.ts';
import { sha256 } from './stat-cache/cache-state.ts';
import { directoryTable } from './stat-cache/directory-table.ts';
import { fileSystemNowMs } from './stat-cache/racy.ts';
import { StatCache } from './stat-cache/stat-cache.ts';

/** What a working directory needs to be known by. */
export interface WorkdirOptions {
  /** Absolute path of the set's directory. It need not exist. */
  readonly root: ByteString;
  /** Whether it may be a link to a release of the set. */
  readonly inReleases?: boolean;
  /** Absolute path of a directory for the stat cache of this set in this working tree. Made when it is needed. */
  readonly cacheDir: ByteString;
  /** Patterns of the policy, in gitignore syntax. Ignore files in the set override them. */
  readonly exclude: readonly ByteString[];
  readonly indexScanner: IndexScanner;
  readonly format: ObjectFormat;
  /** Gives what authenticates the stat cache of this very directory, or undefined: then no cache is believed, or written. */
  readonly authenticator: () => Promise<Authenticate | undefined>;
  /** Take symbolic links that lead out of the set too. */
  readonly allowOutsideLinks?: boolean;
  /** Milliseconds since the epoch. */
  readonly nowMs?: () => number;
  /** More entries than this are refused. */
  readonly maxEntries?: number;
}

/** The name of the snapshot that the directory should be, beside the stat cache but no part of it. */
const EXPECTED_FILE = 'expected';

const NOTHING_SEEN = { directories: new Map(), excluded: [], unfit: [] };

/** Opens the directory of a set. Reads nothing yet. */
export function openWorkdir(options: WorkdirOptions): Workdir {
  const memory = new CacheDirectory(options.cacheDir);
  return new ScannedWorkdir(options, { memory, cache: new StatCache(memory, options) });
}

class ScannedWorkdir implements Workdir {
  readonly #options: WorkdirOptions;
  /** Where the last scan found the content. */
  #directory: ByteString;
  readonly #settings: Omit<ScanSettings, 'unfit'>;
  readonly #indexScanner: IndexScanner;
  readonly #memory: CacheDirectory;
  readonly #cache: StatCache;
  readonly #rules: string;
  readonly #fileSystemNowMs: () => number;
  /** When the first scan since the last save began: from then on, what is written is not vouched for. */
  #sinceMs: number;
  /** What the last scan learned that its caller does not hand back. */
  #seen: Pick<ScanResult, 'directories' | 'excluded' | 'unfit'> = NOTHING_SEEN;

  constructor(options: WorkdirOptions, { memory, cache }: { memory: CacheDirectory; cache: StatCache }) {
    const { root, cacheDir, exclude, format, nowMs = Date.now, allowOutsideLinks = false, maxEntries } = options;
    this.#directory = root;
    this.#options = options;
    this.#settings = { root, exclude, format, allowOutsideLinks, ...(maxEntries === undefined ? {} : { maxEntries }) };
    this.#indexScanner = options.indexScanner;
    this.#memory = memory;
    this.#cache = cache;
    // The user too: git passes over in silence what it may not look at, and another may.
    this.#rules = sha256(JSON.stringify([root, exclude, allowOutsideLinks, process.geteuid?.() ?? null]));
    this.#fileSystemNowMs = () => fileSystemNowMs(cacheDir, nowMs());
    this.#sinceMs = Number.NEGATIVE_INFINITY;
  }

  get root(): ByteString {
    return this.#directory;
  }

  reopen(): Workdir {
    return new ScannedWorkdir(this.#options, { memory: this.#memory, cache: this.#cache });
  }

  exists(): boolean {
    return this.#find() !== undefined;
  }

  async scan({
    baselineAlive,
    full,
    unfit = 'refuse',
  }: {
    baselineAlive: (tag: Oid) => boolean;
    full: boolean;
    unfit?: UnfitHandling;
  }): Promise<Scan> {
    const beganMs = this.#fileSystemNowMs();
    if (this.#sinceMs === Number.NEGATIVE_INFINITY) this.#sinceMs = beganMs;
    const live = this.#find();
    // Of what is gone, nothing that was known is of use, and to read all that takes a while.
    if (live === undefined || (full && isEmpty(live.path))) {
      this.#directory = live?.path ?? this.#options.root;
      this.#seen = NOTHING_SEEN;
      return {
        outcome: 'scanned',
        entries: [],
        cached: undefined,
        excluded: [],
        unfit: [],
        exists: live !== undefined,
      };
    }
    // To the end of the scan, and for whoever reads what it found: the link may be switched meanwhile.
    this.#directory = live.path;
    const settings = { ...this.#settings, root: live.path, unfit };
    const usable = await this.#usableCache(baselineAlive);
    const fast =
      usable?.state.rules === this.#rules
        ? await scanChanges(settings, { usable, indexScanner: this.#indexScanner, full })
        : undefined;
    if (fast !== undefined && 'untouched' in fast) {
      this.#seen = { directories: fast.directories, excluded: fast.excluded, unfit: [] };
      return { outcome: 'unchanged', baseline: fast.untouched, unfit: [] };
    }
    const result = fast ?? (await scanEverything(settings, { rootStat: live.stat, usable }));
    // But for the entries, which are large: whoever asked for them has them.
    this.#seen = { directories: result.directories, excluded: result.excluded, unfit: result.unfit };
    if (result.unchanged !== undefined && usable !== undefined) {
      await this.#refresh(usable, result, beganMs);
      if (!full) return { outcome: 'unchanged', baseline: result.unchanged, unfit: result.unfit };
    }
    const { entries, cached, excluded } = result;
    return { outcome: 'scanned', entries, cached, excluded, unfit: result.unfit, exists: true };
  }

  holds(entries: readonly Pick<Entry, 'path' | 'mode' | 'oid'>[]): ReadonlySet<BytePath> {
    return holdsEntries(this.#directory, entries);
  }

  async leftOutBy(
    ignoreFiles: ReadonlyMap<BytePath, ByteString>,
    entries: readonly { readonly path: BytePath; readonly mode: number }[],
  ): Promise<ReadonlySet<BytePath>> {
    return leftOutBy(await loadRules(this.#settings.exclude, (path) => ignoreFiles.get(path)), entries);
  }

  digestManifest(entries: readonly Omit<Entry, 'oid'>[]): string {
    return this.#cache.digestManifest(entries);
  }

  async saveBaseline(
    baseline: Baseline,
    entries: readonly CachedEntry[],
    trees: ReadonlyMap<BytePath, Oid>,
  ): Promise<void> {
    const sinceMs = this.#sinceMs;
    await this.#cache.write({
      baseline,
      entries,
      sinceMs,
      directories: this.#directoryTable(this.#seen, { entries, trees, sinceMs }),
      excluded: this.#seen.excluded,
      rules: this.#rules,
    });
    this.#sinceMs = Number.NEGATIVE_INFINITY;
  }

  async setExpected(snapshot: Oid): Promise<boolean> {
    if (snapshot === (await this.readExpected())) return true;
    return this.#memory.attempt(() => this.#memory.write(EXPECTED_FILE, [Buffer.from(`${snapshot}\n`, 'latin1')]));
  }

  async readExpected(): Promise<Oid | undefined> {
    const [tag = '', ...rest] = this.#memory.read(EXPECTED_FILE)?.toString('latin1').split('\n') ?? [];
    return isOid(tag, this.#settings.format) && rest.join('\n') === '' ? tag : undefined;
  }

  async dropCache(): Promise<void> {
    this.#memory.removeAllBut([EXPECTED_FILE]);
  }

  #find(): LiveDirectory | undefined {
    return liveDirectory(this.#options.root, this.#options.inReleases ?? false);
  }

  async #usableCache(baselineAlive: (tag: Oid) => boolean): Promise<UsableCache | undefined> {
    const state = await this.#cache.readState();
    return state !== undefined && baselineAlive(state.baseline.tag) ? { cache: this.#cache, state } : undefined;
  }

  /** Directories that were read in vain, since a file in them came and went, need not be read again next time. */
  async #refresh({ cache, state }: UsableCache, result: ScanResult, sinceMs: number): Promise<void> {
    const trees = result.cached?.trees ?? new Map<BytePath, Oid>();
    const directories = this.#directoryTable(result, { entries: result.entries, trees, sinceMs });
    await cache.refresh(state, { directories, excluded: result.excluded, rules: this.#rules });
  }

  #directoryTable(
    { directories: stamps, unfit }: Pick<ScanResult, 'directories' | 'unfit'>,
    known: Pick<Parameters<typeof directoryTable>[0], 'entries' | 'trees' | 'sinceMs'>,
  ): ReturnType<typeof directoryTable> {
    return directoryTable({ ...known, stamps, unfit, emptyTree: emptyDirectory(this.#settings.format).oid });
  }
}
