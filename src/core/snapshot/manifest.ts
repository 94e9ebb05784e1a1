import type { ByteString } from '../byte-string.ts';
import type { BytePath, Entry } from '../entry.ts';
import { FILE, fileType, SYMLINK } from '../entry.ts';

const LINES_A_BLOCK = 512;

/**
 * The manifest of a set: one line an entry, `<mode> <sha256> <size> <path>`, sorted by path bytes.
 *
 * Mode is six octal digits, type and permissions. In the path a backslash, line feed or carriage return
 * is `\\`, `\n` or `\r`; every other byte stands as it is.
 *
 * @param entries - sorted by path
 */
export function formatManifest(entries: Iterable<Omit<Entry, 'oid'>>): ByteString {
  let out = '';
  let block: string[] = [];
  let lastMode = -1;
  let octal = '';
  for (const { mode, sha256, size, path } of entries) {
    // Almost always the same.
    if (mode !== lastMode) octal = mode.toString(8).padStart(6, '0');
    lastMode = mode;
    block.push(`${octal} ${sha256} ${size} ${escapePath(path)}\n`);
    // Joined before there are many: the parts of a string that long live on would cost more than its bytes.
    if (block.length === LINES_A_BLOCK) {
      out += block.join('');
      block = [];
    }
  }
  return out + block.join('');
}

/**
 * The manifest as `sha256sum -c` reads it, run in the set's directory. Regular files only: that tool follows
 * links and knows no empty directories.
 */
export function formatSha256sum(entries: Iterable<Pick<Entry, 'path' | 'mode' | 'sha256'>>): ByteString {
  let out = '';
  for (const { path, mode, sha256 } of entries) {
    if (fileType(mode) !== FILE) continue;
    // A bare dash would be standard input.
    const escaped = path === '-' ? './-' : escapePath(path);
    out += `${escaped.includes('\\') ? '\\' : ''}${sha256}  ${escaped}\n`;
  }
  return out;
}

function escapePath(path: BytePath): ByteString {
  if (!/[\\\n\r]/.test(path)) return path;
  return path.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
}

/** Reverses what the manifest does to a path. */
export function unescapePath(text: ByteString): BytePath {
  return text.replace(/\\([\\nr])/g, (_, letter: string) => UNESCAPED[letter] ?? letter);
}

const UNESCAPED: Readonly<Record<string, string>> = { n: '\n', r: '\r' };

/** Numbers of a set: files are regular files and links; empty directories do not count. */
export function countContent(entries: Iterable<Pick<Entry, 'mode' | 'size'>>): { files: number; bytes: number } {
  let files = 0;
  let bytes = 0;
  for (const { mode, size } of entries) {
    if (fileType(mode) !== FILE && fileType(mode) !== SYMLINK) continue;
    files += 1;
    bytes += size;
  }
  return { files, bytes };
}

/** `<UTC yyyymmddThhmmssZ>-<first 12 digits of the manifest's SHA-256>`: sorts by time, names its content. */
export function snapshotId(atSec: number, manifestSha256: string): string {
  const time = new Date(atSec * 1000).toISOString().replace(/[-:]|\.000/g, '');
  return `${time}-${manifestSha256.slice(0, 12)}`;
}

/** When the snapshot of an id was taken, in seconds since the epoch. */
export function idTimeSec(id: string): number {
  const [, ...parts] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/.exec(id) ?? [];
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = parts.map(Number);
  // The years 0 to 99 are not taken for those of the last century.
  return new Date(0).setUTCFullYear(year, month - 1, day) / 1000 + hour * 3600 + minute * 60 + second;
}
