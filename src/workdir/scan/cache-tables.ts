import type { ByteString } from '../../core/byte-string.ts';
import type { BytePath, Entry } from '../../core/entry.ts';
import { isOid, type ObjectFormat, type Oid } from '../../core/oid.ts';
import type { ExcludedPath, FileStat, ScannedEntry } from '../../core/ports.ts';

/*
 * The tables of the stat cache. They are private to this program and this machine, and a digest of each is checked
 * before it is read, so these parsers need not defend themselves against more than a bug.
 */

/** An entry to be kept; its stat is undefined where it is not vouched for. */
export interface SavedEntry extends Entry {
  readonly stat: FileStat | undefined;
}

/** An entry as it was kept: in the shape that scans hand out, so that most need not be built twice. */
export interface CachedContent {
  readonly path: BytePath;
  readonly mode: number;
  readonly stat: FileStat | undefined;
  readonly known: NonNullable<ScannedEntry['known']>;
}

/** What tells whether a directory has gained or lost a name. */
export type DirectoryStamp = Pick<FileStat, 'ctimeSec' | 'ctimeNsec' | 'mtimeSec' | 'mtimeNsec' | 'ino'>;

/** A directory that was read: empty, with entries, or with nothing but excluded files. */
export interface CachedDirectory {
  /** Undefined if it changed too late to be vouched for. */
  readonly stamp: DirectoryStamp | undefined;
  /** Undefined where the directory is not in the snapshot. */
  readonly tree: Oid | undefined;
}

/** Mode, object name, SHA-256, size and path of each entry, ended by NUL as a path can hold all else. */
export function encodeEntries(entries: readonly Entry[]): ByteString {
  const lines: string[] = [];
  for (const { mode, oid, sha256, size, path } of entries) {
    lines.push(`${mode.toString(8)} ${oid} ${sha256} ${size} ${path}\0`);
  }
  return lines.join('');
}

const STAT_FIELDS = 11;

/** The stats of the entries, in their order: eleven doubles each, zeros where it is not vouched for. */
export function encodeStats(entries: readonly SavedEntry[]): Buffer {
  const table = new Float64Array(entries.length * STAT_FIELDS);
  let at = 0;
  for (const { stat } of entries) {
    if (stat !== undefined) {
      table[at] = stat.ctimeSec;
      table[at + 1] = stat.ctimeNsec;
      table[at + 2] = stat.mtimeSec;
      table[at + 3] = stat.mtimeNsec;
      table[at + 4] = stat.dev;
      table[at + 5] = stat.ino;
      table[at + 6] = stat.uid;
      table[at + 7] = stat.gid;
      table[at + 8] = stat.size;
      table[at + 9] = stat.mode;
      table[at + 10] = stat.nlink;
    }
    at += STAT_FIELDS;
  }
  return Buffer.from(table.buffer);
}

/** Reads both tables, or gives undefined if they are not what was written. */
export function decodeEntries(text: ByteString, stats: Buffer, format: ObjectFormat): CachedContent[] | undefined {
  // A copy, as a table of doubles must begin at a multiple of eight.
  const table = new Float64Array(new Uint8Array(stats).buffer, 0, Math.floor(stats.length / 8));
  const entries: CachedContent[] = [];
  for (let at = 0; at < text.length; ) {
    const modeEnd = text.indexOf(' ', at);
    const oidEnd = modeEnd + 1 + format.hexLength;
    const digestEnd = oidEnd + 1 + 64;
    const sizeEnd = text.indexOf(' ', digestEnd + 1);
    const end = text.indexOf('\0', sizeEnd);
    const oid = text.slice(modeEnd + 1, oidEnd);
    if (end < 0 || !isOid(oid, format)) return undefined;
    entries.push({
      path: text.slice(sizeEnd + 1, end),
      mode: Number.parseInt(text.slice(at, modeEnd), 8),
      stat: statAt(table, entries.length * STAT_FIELDS),
      known: {
        oid,
        sha256: text.slice(oidEnd + 1, digestEnd),
        size: Number(text.slice(digestEnd + 1, sizeEnd)),
      },
    });
    at = end + 1;
  }
  return table.length === entries.length * STAT_FIELDS ? entries : undefined;
}

function statAt(table: Float64Array, at: number): FileStat | undefined {
  const ino = table[at + 5] ?? 0;
  if (ino === 0) return undefined;
  return {
    ctimeSec: table[at] ?? 0,
    ctimeNsec: table[at + 1] ?? 0,
    mtimeSec: table[at + 2] ?? 0,
    mtimeNsec: table[at + 3] ?? 0,
    dev: table[at + 4] ?? 0,
    ino,
    uid: table[at + 6] ?? 0,
    gid: table[at + 7] ?? 0,
    size: table[at + 8] ?? 0,
    mode: table[at + 9] ?? 0,
    nlink: table[at + 10] ?? 0,
  };
}

/** Tree, stamp and path of each directory. */
export function encodeDirectories(directories: ReadonlyMap<BytePath, CachedDirectory>): ByteString {
  const lines: string[] = [];
  for (const [path, { stamp, tree }] of directories) {
    const times =
      stamp === undefined
        ? [0, 0, 0, 0, 0]
        : [stamp.ctimeSec, stamp.ctimeNsec, stamp.mtimeSec, stamp.mtimeNsec, stamp.ino];
    lines.push(`${tree ?? '-'} ${times.join(' ')} ${path}\0`);
  }
  return lines.join('');
}

/** Reads {@link encodeDirectories}, or gives undefined if it is not what was written. */
export function decodeDirectories(text: ByteString, format: ObjectFormat): Map<BytePath, CachedDirectory> | undefined {
  const directories = new Map<BytePath, CachedDirectory>();
  for (const line of text.split('\0').slice(0, -1)) {
    const match = /^(\S+) (-?\d+) (\d+) (-?\d+) (\d+) (\d+) ([\s\S]*)$/.exec(line);
    const [, tree = '', ctimeSec, ctimeNsec, mtimeSec, mtimeNsec, ino, path = ''] = match ?? [];
    if (match === null || (tree !== '-' && !isOid(tree, format))) return undefined;
    const stamp = {
      ctimeSec: Number(ctimeSec),
      ctimeNsec: Number(ctimeNsec),
      mtimeSec: Number(mtimeSec),
      mtimeNsec: Number(mtimeNsec),
      ino: Number(ino),
    };
    directories.set(path, {
      stamp: stamp.ino === 0 ? undefined : stamp,
      tree: isOid(tree, format) ? tree : undefined,
    });
  }
  return directories;
}

/** Four fields for each path that was left out. */
export function encodeExcluded(excluded: readonly ExcludedPath[]): ByteString {
  return excluded.map((e) => `${e.directory ? 'd' : 'f'}\0${e.pattern}\0${e.source}\0${e.path}\0`).join('');
}

/** Reads {@link encodeExcluded}. */
export function decodeExcluded(text: ByteString): ExcludedPath[] {
  const fields = text.split('\0');
  const excluded: ExcludedPath[] = [];
  for (let i = 0; i + 4 < fields.length; i += 4) {
    const [kind = '', pattern = '', source = '', path = ''] = fields.slice(i, i + 4);
    excluded.push({ path, directory: kind === 'd', pattern, source });
  }
  return excluded;
}
