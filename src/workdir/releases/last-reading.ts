import type { ByteString } from '../../core/byte-string.ts';
import { type BytePath, DIRECTORY, fileType } from '../../core/entry.ts';
import type { FileStat } from '../../core/workdir.ts';
import { sameStat } from '../file-stat.ts';
import { isSystemError } from '../replace/disk.ts';
import { isOlder, isSameFile } from '../replace/marks.ts';
import type { Rescue } from '../replace/rescue.ts';
import { timeNow } from '../replace/stage.ts';
import { walkFiles } from '../replace/tree.ts';
import { hasContent, isSameInLive, isWritten, type Known } from './written-since.ts';

interface LastReadingOptions extends Omit<Known, 'readAll'> {
  readonly rescue: Rescue;
  /** Path of a file that can be made to ask the file system what time it is. */
  readonly probe: ByteString;
}

/** Tells which files of a release hold nothing that would be lost, and keeps the others, while programs may still write there. */
export class LastReading {
  readonly #directory: ByteString;
  readonly #options: LastReadingOptions;
  /** How each file looked before it was read, and found to be stored or kept as a copy. */
  readonly #read = new Map<BytePath, FileStat>();
  /** Files that have another name where things are kept: what is written to them later is kept, too. */
  readonly #kept = new Set<string>();

  /** @param directory - absolute path of the release */
  constructor(directory: ByteString, options: LastReadingOptions) {
    this.#directory = directory;
    this.#options = options;
  }

  /** Reads what is new or has changed since it was read, and keeps of it what is nowhere else. */
  read(): void {
    const { record, beside, rescue, probe } = this.#options;
    const known = { record, beside, readAll: true };
    const began = timeAround(probe, -LAG_MS);
    const recent: BytePath[] = [];
    walkFiles(this.#directory, (file, path, stat) => {
      if (!hasContent(stat) || this.mayGo(path, stat)) return;
      const kept = isWritten({ file, path, stat }, known) ? rescue.keep(file, path) : undefined;
      // It may be another file by now than the one that was looked at.
      if (kept !== undefined) this.#kept.add(nameFile(kept));
      if (kept !== undefined && isSameFile(kept, stat)) return;
      this.#read.set(path, stat);
      if (!isOlder(stat, began)) recent.push(path);
    });
    if (recent.length === 0) return;
    // Of two writes within one tick of that clock, the second moves no time. A time ahead of it would be set back.
    const { sec, nsec } = timeAround(probe, LAG_MS);
    for (const path of recent) {
      const stat = this.#read.get(path);
      if (stat !== undefined && isOlder(stat, { sec, nsec: nsec + 1 })) this.#read.delete(path);
    }
  }

  /** Whether nothing is lost when a file goes that looks like this. */
  mayGo(path: BytePath, stat: FileStat): boolean {
    if (!hasContent(stat)) return fileType(stat.mode) !== DIRECTORY;
    const read = this.#read.get(path);
    if ((read !== undefined && sameStat(read, stat)) || this.#kept.has(nameFile(stat))) return true;
    const { record, beside } = this.#options;
    return !record.content.has(path) && isSameInLive(path, stat, beside);
  }
}

/** The clock by which a file system stamps files may be this much behind that of the machine, or before it. */
const LAG_MS = 20;

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

function nameFile({ dev, ino }: FileStat): string {
  return `${dev}:${ino}`;
}
