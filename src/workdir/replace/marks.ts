import { FILE, fileType, SYMLINK } from '../../core/entry.ts';
import type { FileMark } from '../../core/rollback/journal.ts';
import type { FileStat } from '../../core/workdir.ts';

/** What the journal keeps of a stat. */
export function markOf({ mtimeSec, mtimeNsec, size, ino }: FileStat): FileMark {
  return { mtimeSec, mtimeNsec, size, ino };
}

/** Whether nobody wrote to a file since it was marked. Moving it, linking to it and copying it do not count. */
export function sameContent(mark: FileMark, stat: FileStat): boolean {
  // utimes(2) through node keeps some 200 ns of a copy's time.
  return stat.size === mark.size && stat.mtimeSec === mark.mtimeSec && Math.abs(stat.mtimeNsec - mark.mtimeNsec) < 2000;
}

/** Whether two stats are of one file, whatever its names. */
export function isSameFile(one: FileStat, other: FileStat): boolean {
  return one.ino === other.ino && one.dev === other.dev;
}

/**
 * Whether a file is in every respect as it was when it was scanned.
 *
 * Git's index, where a scan's stat may come from, keeps 32 bits of a number.
 */
export function isAsScanned(scanned: FileStat, now: FileStat): boolean {
  return (
    now.mode === scanned.mode &&
    low32(now.size) === low32(scanned.size) &&
    low32(now.ino) === low32(scanned.ino) &&
    low32(now.mtimeSec) === low32(scanned.mtimeSec) &&
    now.mtimeNsec === scanned.mtimeNsec &&
    low32(now.ctimeSec) === low32(scanned.ctimeSec) &&
    now.ctimeNsec === scanned.ctimeNsec
  );
}

/** Whether a file was last changed, moved or linked before a moment by the clock of its file system. */
export function isOlder(stat: FileStat, { sec, nsec }: { readonly sec: number; readonly nsec: number }): boolean {
  return stat.ctimeSec < sec || (stat.ctimeSec === sec && stat.ctimeNsec < nsec);
}

function low32(n: number): number {
  return n >>> 0;
}

/** A socket or FIFO has no content, and opening it might never end. */
export function hasContent({ mode }: FileStat): boolean {
  return fileType(mode) === FILE || fileType(mode) === SYMLINK;
}
