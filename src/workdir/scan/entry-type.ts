import { readlinkSync } from 'node:fs';
import type { ByteString } from '../../core/byte-string.ts';
import { type BytePath, DIRECTORY, FILE, fileType, permissions, SYMLINK } from '../../core/entry.ts';
import { refuseLinkTarget } from '../../core/paths.ts';
import type { FileStat } from '../../core/workdir.ts';
import { nativePath, pathBelow } from '../native-path.ts';

const OTHER_TYPES: ReadonlyMap<number, string> = new Map([
  [0o140000, 'a socket'],
  [0o060000, 'a block device'],
  [0o020000, 'a character device'],
  [0o010000, 'a FIFO'],
]);

/** The mode of an entry: links have no permissions of their own, and those of directories are not kept. */
export function entryMode({ mode }: FileStat): number {
  return fileType(mode) === FILE ? mode : fileType(mode);
}

/** Why a file cannot be an entry because of its type or its permissions, or undefined if it can. */
export function refuseType(mode: number): string | undefined {
  const type = fileType(mode);
  if (type === SYMLINK || type === DIRECTORY) return undefined;
  if (type !== FILE) return OTHER_TYPES.get(type) ?? 'neither a file nor a link';
  const special = permissions(mode) & 0o7000;
  return special === 0 ? undefined : 'a file with a setuid, setgid or sticky bit';
}

/** Why a link that is there cannot be an entry, or undefined if it can. */
export function refuseLink(root: ByteString, path: BytePath): string | undefined {
  const target = readlinkSync(nativePath(pathBelow(root, path)), 'latin1');
  return refuseLinkTarget(path, target);
}
