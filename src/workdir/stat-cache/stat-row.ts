import type { FileStat } from '../../core/workdir.ts';

/** How many numbers a stat is in a table. */
export const STAT_FIELDS = 11;

const INODE = 5;

/** Writes a stat into a table, from `at` on. */
export function writeStat(table: Float64Array, at: number, stat: FileStat): void {
  table[at] = stat.ctimeSec;
  table[at + 1] = stat.ctimeNsec;
  table[at + 2] = stat.mtimeSec;
  table[at + 3] = stat.mtimeNsec;
  table[at + 4] = stat.dev;
  table[at + INODE] = stat.ino;
  table[at + 6] = stat.uid;
  table[at + 7] = stat.gid;
  table[at + 8] = stat.size;
  table[at + 9] = stat.mode;
  table[at + 10] = stat.nlink;
}

/** Reads what {@link writeStat} wrote. */
export function readStat(table: Float64Array, at: number): FileStat {
  return {
    ctimeSec: table[at] ?? 0,
    ctimeNsec: table[at + 1] ?? 0,
    mtimeSec: table[at + 2] ?? 0,
    mtimeNsec: table[at + 3] ?? 0,
    dev: table[at + 4] ?? 0,
    ino: table[at + INODE] ?? 0,
    uid: table[at + 6] ?? 0,
    gid: table[at + 7] ?? 0,
    size: table[at + 8] ?? 0,
    mode: table[at + 9] ?? 0,
    nlink: table[at + 10] ?? 0,
  };
}

/** Whether a stat was written there: nothing has inode 0. */
export function hasStat(table: Float64Array, at: number): boolean {
  return table[at + INODE] !== 0;
}
