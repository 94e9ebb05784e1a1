import type { BytePath, Entry } from '../../core/entry.ts';
import { DIRECTORY, fileType, SYMLINK } from '../../core/entry.ts';
import { buildTrees } from '../../core/git/build-trees.ts';
import type { Oid } from '../../core/oid.ts';
import type { FileToIngest, Ingest, IngestedFile, UnsteadyFiles } from '../../core/ports.ts';
import { cleanTrees, compareEntries, type PathChange } from '../../core/snapshot/changes.ts';
import { countContent } from '../../core/snapshot/manifest.ts';
import type {
  Baseline,
  CachedEntry,
  CachedState,
  ExcludedPath,
  Scan,
  ScannedEntry,
  UnfitHandling,
  UnfitPath,
  Workdir,
} from '../../core/workdir.ts';
import type { Context } from '../context.ts';

/** What a directory holds, every byte of it hashed or vouched for by the stat cache. */
export interface SetContent {
  /** Sorted by path. */
  readonly entries: readonly CachedEntry[];
  readonly root: Oid;
  /** The tree of every directory. */
  readonly trees: ReadonlyMap<BytePath, Oid>;
  /** SHA-256 of the manifest. */
  readonly manifest: string;
  readonly files: number;
  readonly bytes: number;
  readonly excluded: readonly ExcludedPath[];
  /** What no snapshot can hold, if that is not refused. It is no part of the rest. */
  readonly unfit: readonly UnfitPath[];
  /** What is there and was not to be read; it is no part of the rest. Sorted. */
  readonly beside: readonly BytePath[];
  /** A state of the directory that the stat cache knows, and every path that differs from it. It vouches for none of it. */
  readonly cached: (CachedState & { readonly changes: readonly PathChange<Entry>[] }) | undefined;
  /** How many files were read. Of the others the stat cache knew the content. */
  readonly filesRead: number;
  readonly exists: boolean;
}

/** How a directory is to be read. */
export interface ReadSetOptions {
  /** Whether the objects are to be stored; without, they are only named. */
  readonly store: boolean;
  /** Read everything even where the stat cache sees no change. */
  readonly full: boolean;
  /** Tags of snapshots whose refs exist: only what these keep alive may be taken from the stat cache. */
  readonly aliveTags: ReadonlySet<Oid>;
  /** What becomes of files that other programs change meanwhile. Default: `refuse`. */
  readonly unsteady?: UnsteadyFiles;
  /** What becomes of what no snapshot can hold. Default: `refuse`. */
  readonly unfit?: UnfitHandling;
  /** Read what has these paths alone; sorted. What else is there is only named. Default: everything. */
  readonly among?: readonly { readonly path: BytePath }[] | undefined;
  /** What is found is asked about before any of it is read: these paths are only named. Default: none. */
  readonly except?: (found: Scanned) => Promise<ReadonlySet<BytePath>>;
}

/** The outcome of reading a set's directory. */
export type SetReading =
  | { readonly outcome: 'unchanged'; readonly baseline: Baseline; readonly unfit: readonly UnfitPath[] }
  | ReadSet;

/** A directory that was read. */
export interface ReadSet {
  readonly outcome: 'read';
  readonly content: SetContent;
  /**
   * Reads these files and links again, since they have changed. The content is what was read first, but for them. What is none
   * any more is left out.
   */
  readonly again: (paths: ReadonlySet<BytePath>) => Promise<SetContent>;
  /** Makes the objects durable. Nothing of them stays if it is never called and {@link abandon} is. */
  readonly keep: () => Promise<void>;
  readonly abandon: () => Promise<void>;
}

/**
 * Reads a set's directory: scans it, hashes what the stat cache does not know, and builds the trees over it.
 *
 * @throws {SnapshotError} for anything in the directory that cannot be in a snapshot
 */
export async function readSet(ctx: Context, workdir: Workdir, options: ReadSetOptions): Promise<SetReading> {
  const first = await readFirst(ctx, workdir, options);
  if (first.outcome === 'unchanged') return first;
  const { read, ...found } = first;
  const { ingest } = found;
  try {
    return {
      outcome: 'read',
      content: contentOf(workdir, found, read),
      again: async (paths) => contentOf(workdir, found, await readAgain(ctx, ingest, { ...read, paths })),
      keep: () => ingest.finish(),
      abandon: () => ingest.abandon(),
    };
  } catch (error) {
    await ingest.abandon();
    throw error;
  }
}

/** What a scan found, but for its entries, and what takes in their content. */
interface Found extends Pick<Scanned, 'cached' | 'excluded' | 'unfit' | 'exists'> {
  readonly beside: readonly BytePath[];
  readonly ingest: Ingest;
}

type Scanned = Extract<Scan, { readonly outcome: 'scanned' }>;

/** Scans and reads. A function of its own: of many files the entries of a scan are large, and nothing holds them when it has ended. */
async function readFirst(
  ctx: Context,
  workdir: Workdir,
  { store, full, aliveTags, unsteady = 'refuse', unfit = 'refuse', among, except }: ReadSetOptions,
): Promise<
  Extract<SetReading, { outcome: 'unchanged' }> | (Found & { readonly outcome: 'read'; readonly read: ReadEntries })
> {
  const scan = await workdir.scan({ baselineAlive: (tag) => aliveTags.has(tag), full, unfit });
  if (scan.outcome === 'unchanged') return scan;
  const { entries, cached, excluded, exists } = scan;
  const { taken, beside } =
    except === undefined ? splitAmong(entries, among) : splitExcept(entries, await except(scan));
  const ingest = await ctx.store.beginIngest(workdir.root, { store, unsteady });
  try {
    const read = await ingestEntries(ctx, ingest, taken);
    return { outcome: 'read', read, ingest, beside, cached, excluded, unfit: scan.unfit, exists };
  } catch (error) {
    await ingest.abandon();
    throw error;
  }
}

/** Entries of which the content is wanted, and the paths of the others. */
interface SplitEntries {
  readonly taken: readonly ScannedEntry[];
  readonly beside: readonly BytePath[];
}

function splitExcept(entries: readonly ScannedEntry[], except: ReadonlySet<BytePath>): SplitEntries {
  if (except.size === 0) return { taken: entries, beside: [] };
  return { taken: entries.filter(({ path }) => !except.has(path)), beside: [...except].sort() };
}

function splitAmong(entries: readonly ScannedEntry[], among: ReadSetOptions['among']): SplitEntries {
  if (among === undefined) return { taken: entries, beside: [] };
  const taken: ScannedEntry[] = [];
  const beside: BytePath[] = [];
  let next = 0;
  for (const entry of entries) {
    while (next < among.length && (among[next]?.path ?? '') < entry.path) next++;
    if (among[next]?.path === entry.path) taken.push(entry);
    else beside.push(entry.path);
  }
  return { taken, beside };
}

/** What was read of a directory, with the trees over it. */
function contentOf(
  workdir: Workdir,
  { cached: known, excluded, unfit, exists, beside, ingest }: Found,
  { entries, filesRead }: ReadEntries,
): SetContent {
  const cached = known && { ...known, changes: compareEntries<Entry>(known.entries, entries) };
  const built = buildTrees(entries, {
    cleanTrees: cached === undefined ? new Map() : cleanTrees(cached.trees, cached.changes),
    write: (body) => ingest.addObject('tree', body),
  });
  return {
    entries,
    root: built.root,
    trees: built.trees,
    manifest: workdir.digestManifest(entries),
    ...countContent(entries),
    excluded,
    unfit,
    beside,
    cached,
    filesRead,
    exists,
  };
}

interface ReadEntries {
  readonly entries: CachedEntry[];
  readonly filesRead: number;
}

async function readAgain(
  ctx: Context,
  ingest: Ingest,
  { entries, filesRead, paths }: ReadEntries & { readonly paths: ReadonlySet<BytePath> },
): Promise<ReadEntries> {
  const isOld = ({ path, mode }: CachedEntry) => paths.has(path) && fileType(mode) !== DIRECTORY;
  const old = entries.filter(isOld);
  const files = await ingest.addFiles(
    old.map(({ path, size }) => ({ path, expectedBytes: size })),
    ctx.report.phase('Reading files'),
  );
  const found = new Map(files.map((file) => [file.path, entryOf(file)]));
  return {
    entries: entries.flatMap((entry) => (isOld(entry) ? (found.get(entry.path) ?? []) : entry)),
    filesRead: filesRead + files.length,
  };
}

async function ingestEntries(ctx: Context, ingest: Ingest, scanned: readonly ScannedEntry[]): Promise<ReadEntries> {
  const { format } = ctx.store;
  const emptyDirectory = { oid: ctx.digest.objectName(format, 'tree', ''), sha256: ctx.digest.sha256(''), size: 0 };
  const unknown: FileToIngest[] = [];
  for (const entry of scanned) {
    if (entry.known === undefined && fileType(entry.mode) !== DIRECTORY)
      unknown.push({ path: entry.path, expectedBytes: entry.stat.size });
  }
  const ingested = unknown.length === 0 ? [] : await ingest.addFiles(unknown, ctx.report.phase('Reading files'));
  let next = 0;
  const entries = scanned.flatMap((entry): CachedEntry | [] => {
    // An entry that the cache knows makes its stat when it is asked for it.
    if (entry.known !== undefined) return entry.known;
    const { path, mode, stat } = entry;
    if (fileType(mode) === DIRECTORY) return { path, mode: DIRECTORY, stat, ...emptyDirectory };
    const file = ingested[next];
    // It was gone when it was to be read.
    if (file?.path !== path) return [];
    next++;
    return entryOf(file);
  });
  if (next !== ingested.length) throw new Error('an ingest gives its files in the order that it was given them');
  return { entries, filesRead: ingested.length };
}

function entryOf({ path, mode, stat, oid, sha256, size }: IngestedFile): CachedEntry {
  return { path, mode: manifestMode(mode), stat, oid, sha256, size };
}

/** A link's permission bits mean nothing, and differ between systems. */
function manifestMode(mode: number): number {
  return fileType(mode) === SYMLINK ? SYMLINK : mode;
}

/** What the stat cache is to remember of a directory that equals a snapshot. */
export function baselineOf(tag: Oid, content: SetContent): Baseline {
  const { root, manifest, files, bytes } = content;
  return { tag, tree: root, manifest, files, bytes };
}
