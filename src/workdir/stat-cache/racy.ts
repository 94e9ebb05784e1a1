import { closeSync, fstatSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import type { ByteString } from '../../core/byte-string.ts';
import type { FileStat } from '../../core/workdir.ts';
import { errorCode } from '../file-stat.ts';
import { nativePath } from '../native-path.ts';

/** More than a tick of any clock that stamps files. */
const MARGIN_MS = 100;
/** File systems that keep no fractions may keep even seconds only. */
const COARSE_MARGIN_MS = 2000;

type Times = Pick<FileStat, 'ctimeSec' | 'ctimeNsec' | 'mtimeSec' | 'mtimeNsec'>;

/**
 * Whether a file could be written once more and keep this very stat, for all that `git diff-files` sees: whole seconds.
 *
 * @param sinceMs - when the scan began, by the file system's clock
 */
export function isRacyFile(stat: Times, sinceMs: number): boolean {
  return newestSec(stat) >= Math.floor((sinceMs - marginMs(stat)) / 1000);
}

/** The same for a directory. These we compare ourselves, to the nanosecond. */
export function isRacyDirectory(stat: Times, sinceMs: number): boolean {
  const newestMs = Math.max(stat.ctimeSec * 1000 + stat.ctimeNsec / 1e6, stat.mtimeSec * 1000 + stat.mtimeNsec / 1e6);
  return newestMs >= sinceMs - marginMs(stat);
}

function newestSec(stat: Times): number {
  return Math.max(stat.ctimeSec, stat.mtimeSec);
}

function marginMs(stat: Times): number {
  return stat.ctimeNsec === 0 && stat.mtimeNsec === 0 ? COARSE_MARGIN_MS : MARGIN_MS;
}

/**
 * The time by the clock of the file system that holds `directory`, or by ours where nothing can be written there.
 * Of the two the earlier, as an early moment only makes us look again.
 */
export function fileSystemNowMs(directory: ByteString, nowMs: number): number {
  const probe = nativePath(`${directory}/clock-${process.pid}`);
  try {
    mkdirSync(nativePath(directory), { recursive: true });
    const fd = openSync(probe, 'w');
    try {
      writeSync(fd, '.');
      return Math.min(nowMs, fstatSync(fd).mtimeMs);
    } finally {
      closeSync(fd);
      rmSync(probe, { force: true });
    }
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return nowMs;
  }
}
