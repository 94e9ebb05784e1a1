import {
  chmodSync,
  chownSync,
  constants,
  copyFileSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  symlinkSync,
} from 'node:fs';
import type { ByteString } from '../../core/byte-string.ts';
import type { FileStat } from '../../core/workdir.ts';
import {
  at,
  entriesIfThere,
  isDirectory,
  isSymlink,
  isSystemError,
  lstat,
  namesIn,
  removeIfThere,
  sync,
} from './disk.ts';
import { hasContent } from './marks.ts';

/** What link(2) says where a file cannot have a second name: by the file system, its limits or its rules. */
const CANNOT_LINK = ['EPERM', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EXDEV'];

/** Every file and link at or below a path, as `visit(path, path below the top, stat)`. */
export function walkFiles(top: ByteString, visit: (path: ByteString, below: ByteString, stat: FileStat) => void): void {
  walkNames(top, (path, below) => {
    const stat = lstat(path);
    if (stat !== undefined) visit(path, below, stat);
  });
}

/** Every file and link at or below a path. Reads directories only, which is much faster than {@link walkFiles}. */
export function walkNames(top: ByteString, visit: (path: ByteString, below: ByteString) => void): void {
  const walk = (dir: ByteString, prefix: ByteString) => {
    // Other programs may be at work there: what is gone again is nobody's.
    for (const { name, directory } of entriesIfThere(dir)) {
      if (directory) walk(`${dir}/${name}`, `${prefix}${name}/`);
      else visit(`${dir}/${name}`, `${prefix}${name}`);
    }
  };
  const stat = lstat(top);
  if (isDirectory(stat)) walk(top, '');
  else if (stat !== undefined) visit(top, '');
}

/**
 * Moves what is at `from` to `to`, where nothing is, or where a directory stands that an earlier attempt began to fill.
 *
 * A directory goes in one piece where the file system allows it. Overlay file systems do not for one of a lower layer.
 *
 * @param moveAside - takes away what is in the way below `to`
 */
export function moveTree(from: ByteString, to: ByteString, moveAside: (path: ByteString) => void): void {
  try {
    renameSync(at(from), at(to));
    return;
  } catch (error) {
    if (!isSystemError(error, 'EXDEV', 'ENOTEMPTY', 'EEXIST')) throw error;
    const stat = lstat(from);
    if (stat === undefined || !isDirectory(stat)) throw error;
    if (lstat(to) === undefined) {
      mkdirSync(at(to), 0o700);
      copyAttributes(stat, to);
    }
  }
  for (const name of namesIn(from)) {
    const source = `${from}/${name}`;
    const destination = `${to}/${name}`;
    const there = lstat(destination);
    if (there !== undefined && !(isDirectory(there) && isDirectory(lstat(source)))) moveAside(destination);
    moveTree(source, destination, moveAside);
  }
  rmdirSync(at(from));
}

/**
 * Moves a file or link to where nothing is. Says false, and moves nothing, if something is: rename(2) would replace what
 * another program has put there since one looked.
 */
export function moveWhereNothingIs(from: ByteString, to: ByteString): boolean {
  const stat = lstat(from);
  try {
    // Where link(2) follows links, it would give another name to the wrong file.
    if (stat === undefined || !isSymlink(stat) || process.platform === 'linux') {
      linkSync(at(from), at(to));
      removeIfThere(from);
      return true;
    }
  } catch (error) {
    if (isSystemError(error, 'EEXIST')) return false;
    if (!isSystemError(error, ...CANNOT_LINK)) throw error;
  }
  if (lstat(to) !== undefined) return false;
  renameSync(at(from), at(to));
  return true;
}

/**
 * Gives a file or link a second name, or makes a copy where the file system cannot. `to` must not exist; `to~` is ours.
 * The copy is durable and appears whole.
 */
export function linkOrCopy(from: ByteString, to: ByteString): void {
  const stat = lstat(from);
  // Where link(2) follows links, it would give another name to the wrong file.
  if (stat !== undefined && isSymlink(stat) && process.platform !== 'linux') {
    copyFile(from, to, stat);
    return;
  }
  try {
    linkSync(at(from), at(to));
  } catch (error) {
    if (!isSystemError(error, ...CANNOT_LINK) || stat === undefined) throw error;
    copyFile(from, to, stat);
  }
}

/** Gives a file a second name. Says false, and does nothing, where it cannot have one. */
export function linkOnly(from: ByteString, to: ByteString): boolean {
  try {
    linkSync(at(from), at(to));
    return true;
  } catch (error) {
    if (!isSystemError(error, ...CANNOT_LINK)) throw error;
    return false;
  }
}

function copyFile(from: ByteString, to: ByteString, stat: FileStat): void {
  const temporary = `${to}~`;
  // A number below 0 is the present time to node; text is what it says.
  const mtime = String(stat.mtimeSec + stat.mtimeNsec / 1e9);
  removeIfThere(temporary);
  if (isSymlink(stat)) symlinkSync(readlink(from), at(temporary));
  else {
    copyFileSync(at(from), at(temporary), constants.COPYFILE_FICLONE);
    copyAttributes(stat, temporary);
    sync(temporary);
  }
  // The time tells whether somebody wrote to a file since: a copy must not look as if.
  lutimesSync(at(temporary), mtime, mtime);
  renameSync(at(temporary), at(to));
}

function readlink(path: ByteString): Buffer {
  return readlinkSync(at(path), { encoding: 'buffer' });
}

/** Gives a file or directory the owner, where that can be, and the permissions of another. */
export function copyAttributes(stat: FileStat, to: ByteString): void {
  try {
    chownSync(at(to), stat.uid, stat.gid);
  } catch (error) {
    // Only root can give files away. A copy of our own is then what can be had.
    if (!isSystemError(error, 'EPERM', 'EINVAL')) throw error;
  }
  // After the owner: changing that clears bits.
  chmodSync(at(to), stat.mode & 0o7777);
}

/** Copies a tree to where nothing is, by second names where that can be. Sockets and FIFOs, which hold nothing, are left out. */
export function linkOrCopyTree(from: ByteString, to: ByteString): void {
  const stat = lstat(from);
  if (stat === undefined) return;
  if (!isDirectory(stat)) {
    if (hasContent(stat)) linkOrCopy(from, to);
    return;
  }
  mkdirSync(at(to), 0o700);
  for (const name of namesIn(from)) linkOrCopyTree(`${from}/${name}`, `${to}/${name}`);
  copyAttributes(stat, to);
}

/** Puts the file or link `from` at `to`, over what file or link is there, in one step; `from` stays. */
export function putCopy(from: ByteString, to: ByteString): void {
  const temporary = `${from}+`;
  removeIfThere(temporary);
  linkOrCopy(from, temporary);
  renameSync(at(temporary), at(to));
  // Renaming onto another name of the same file does nothing, and leaves both: rename(2).
  removeIfThere(temporary);
}
