import type { ByteString } from '../../core/byte-string.ts';
import { type BytePath, DIRECTORY, FILE, fileType } from '../../core/entry.ts';
import type { FileStat } from '../../core/workdir.ts';
import { sameStat } from '../file-stat.ts';
import { fileKey, writersOf } from '../programs/writers-of.ts';
import { isSystemError, lstat } from './disk.ts';
import { isOlder, isSameFile } from './marks.ts';
import { removeWhere } from './remove-tree.ts';
import { timeNow } from './stage.ts';
import { walkFiles } from './tree.ts';

/** How often we look for what was written meanwhile. Who goes on for longer is not waited for. */
export const PASSES = 5;

/** A file or link that is about to go. */
interface Leaving {
  readonly file: ByteString;
  /** What it is called below the directory. */
  readonly path: BytePath;
  readonly stat: FileStat;
}

interface LastReadingOptions {
  /** Reads it, and keeps it where it would be lost. Returns what is kept; undefined where nothing need be. */
  readonly keep: (leaving: Leaving) => FileStat | undefined;
  /** Whether nothing would be lost, as far as its stat tells. Default: that is never so. */
  readonly mayGoUnread?: (path: BytePath, stat: FileStat) => boolean;
  /**
   * Gives a file that a program has open to write to another name where things are kept; false where that cannot be, so that
   * it must not go. Without this, nobody looks who has what open.
   */
  readonly keepOpen?: (leaving: Leaving) => boolean;
  /** Path of a file that can be made to ask the file system what time it is. */
  readonly probe: ByteString;
}

/** Tells which files of a directory hold nothing that would be lost, and keeps the others, while programs may still write there. */
export class LastReading {
  readonly #directory: ByteString;
  readonly #options: LastReadingOptions;
  /** How each file looked before it was read, and found to be stored or kept as a copy. */
  readonly #read = new Map<BytePath, FileStat>();
  /** Files that have another name where things are kept: what is written to them later is kept, too. */
  readonly #kept = new Set<string>();
  /** Files that somebody writes to and that have no other name. */
  readonly #held = new Set<string>();

  /** @param directory - absolute path */
  constructor(directory: ByteString, options: LastReadingOptions) {
    this.#directory = directory;
    this.#options = options;
  }

  /** Reads what is new or has changed since it was read, and keeps of it what is nowhere else. */
  read(): void {
    const { keep, keepOpen, probe } = this.#options;
    const found = new Map<string, Leaving>();
    const began = timeAround(probe, -LAG_MS);
    const recent: BytePath[] = [];
    walkFiles(this.#directory, (file, path, stat) => {
      if (keepOpen !== undefined && fileType(stat.mode) === FILE) found.set(fileKey(stat), { file, path, stat });
      if (fileType(stat.mode) === DIRECTORY || this.#mayGo(path, stat)) return;
      const kept = keep({ file, path, stat });
      // It may be another file by now than the one that was looked at.
      if (kept !== undefined) this.#kept.add(fileKey(kept));
      if (kept !== undefined && isSameFile(kept, stat)) return;
      this.#read.set(path, stat);
      if (!isOlder(stat, began)) recent.push(path);
    });
    this.#keepOpenOnes(found);
    if (recent.length === 0) return;
    // Of two writes within one tick of that clock, the second moves no time. A time ahead of it would be set back.
    const { sec, nsec } = timeAround(probe, LAG_MS);
    for (const path of recent) {
      const stat = this.#read.get(path);
      if (stat !== undefined && isOlder(stat, { sec, nsec: nsec + 1 })) this.#read.delete(path);
    }
  }

  /** What is open can be written to when it has no name any more, and nobody would know. */
  #keepOpenOnes(found: ReadonlyMap<string, Leaving>): void {
    const { keepOpen } = this.#options;
    if (keepOpen === undefined) return;
    this.#held.clear();
    for (const key of writersOf(new Set([...found.keys()].filter((one) => !this.#kept.has(one)))).keys()) {
      const leaving = found.get(key);
      if (leaving !== undefined) (keepOpen(leaving) ? this.#kept : this.#held).add(key);
    }
  }

  /** Removes the directory, but for each file that is not, right then, as it was read. Returns whether all of it is gone. */
  remove(): boolean {
    return removeWhere(this.#directory, (file, path) => {
      const stat = lstat(file);
      return stat === undefined || this.#mayGo(path, stat);
    });
  }

  #mayGo(path: BytePath, stat: FileStat): boolean {
    if (fileType(stat.mode) === DIRECTORY || this.#held.has(fileKey(stat))) return false;
    const read = this.#read.get(path);
    if ((read !== undefined && sameStat(read, stat)) || this.#kept.has(fileKey(stat))) return true;
    return this.#options.mayGoUnread?.(path, stat) ?? false;
  }
}

/** The clock by which a file system stamps files may be this much behind that of the machine, or before it. */
export const LAG_MS = 20;

/** {@link timeNow}, or what is surely before or after it where no file can be made: what goes may have to make room on a full disk. */
function timeAround(probe: ByteString, offsetMs: number): ReturnType<typeof timeNow> {
  try {
    return timeNow(probe);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    const ms = Date.now() + offsetMs;
    return { sec: Math.floor(ms / 1000), nsec: (ms % 1000) * 1e6 };
  }
}
