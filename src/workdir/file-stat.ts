import { type BigIntStats, lstatSync } from 'node:fs';
import type { FileStat } from '../core/workdir.ts';

const NANOSECONDS = 1_000_000_000n;

/** The stat of what is at `path` itself, links not followed, or undefined if nothing is there. */
export function lstatIfThere(path: string | Buffer): FileStat | undefined {
  try {
    return toFileStat(lstatSync(path, { bigint: true }));
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

/** Exact to the nanosecond, which node's plain stat is not. */
export function toFileStat(stats: BigIntStats): FileStat {
  const ctimeSec = floorSeconds(stats.ctimeNs);
  const mtimeSec = floorSeconds(stats.mtimeNs);
  return {
    ctimeSec: Number(ctimeSec),
    ctimeNsec: Number(stats.ctimeNs - ctimeSec * NANOSECONDS),
    mtimeSec: Number(mtimeSec),
    mtimeNsec: Number(stats.mtimeNs - mtimeSec * NANOSECONDS),
    dev: Number(stats.dev),
    ino: Number(stats.ino),
    uid: Number(stats.uid),
    gid: Number(stats.gid),
    size: Number(stats.size),
    mode: Number(stats.mode),
    nlink: Number(stats.nlink),
  };
}

// Bigint division rounds to zero; before 1970 the seconds must go down, as the system counts them.
function floorSeconds(nanoseconds: bigint): bigint {
  const seconds = nanoseconds / NANOSECONDS;
  return nanoseconds < 0n && seconds * NANOSECONDS !== nanoseconds ? seconds - 1n : seconds;
}

/** Whether two looks saw the same unchanged thing. Device numbers may change with a mount, so they do not count. */
export function sameStat(a: FileStat, b: FileStat): boolean {
  return (
    a.ctimeNsec === b.ctimeNsec &&
    a.ctimeSec === b.ctimeSec &&
    a.mtimeNsec === b.mtimeNsec &&
    a.mtimeSec === b.mtimeSec &&
    a.ino === b.ino &&
    a.size === b.size &&
    a.mode === b.mode &&
    a.uid === b.uid &&
    a.gid === b.gid
  );
}

/** Whether the error says that there is nothing at that path (any more). */
export function isGone(error: unknown): boolean {
  const code = errorCode(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** The system's name of the error (`EACCES`), or undefined for any other error. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
