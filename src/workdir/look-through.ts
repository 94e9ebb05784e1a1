import type { Dirent } from 'node:fs';
import type { ByteString } from '../core/byte-string.ts';
import type { DirectoryLook } from '../core/doctor/port.ts';
import { type BytePath, DIRECTORY, FILE, SYMLINK } from '../core/entry.ts';
import { refuseEntryName } from '../core/paths.ts';
import { STAGING_PREFIX } from '../core/rollback/port.ts';
import { IGNORE_FILE } from '../core/snapshot/ignore-file.ts';
import { entriesOf, obstacleIn } from './closed-directory.ts';
import { errorCode, isGone } from './file-stat.ts';
import { childPath, pathBelow } from './native-path.ts';
import { refuseLink, refuseType } from './scan/entry-type.ts';
import { findExclusion, IgnoreRules, ignoreFilesIn } from './scan/ignore-rules.ts';

/** Some 0.1 s on a disk that is not slow. */
const MAX_ENTRIES = 100_000;

/**
 * Looks through the directory of a set for what would be in the way: directories in which nothing can be made, and what no
 * snapshot can hold. By names and types alone, without a look at any file, and no further than so many entries. What rules leave
 * out is nobody's business, and what goes meanwhile is gone.
 *
 * @param root - absolute, and a directory
 * @throws {SnapshotError} for rules that cannot be read, as a scan does
 */
export async function lookThrough(
  root: ByteString,
  { exclude, maxEntries = MAX_ENTRIES }: { readonly exclude: readonly ByteString[]; readonly maxEntries?: number },
): Promise<DirectoryLook> {
  const { default: createMatcher } = await import('ignore');
  const rules = new IgnoreRules({ read: ignoreFilesIn(root), exclude, createMatcher });
  const unfit: { path: BytePath; reason: string }[] = [];
  const open: BytePath[] = [''];
  let closed: DirectoryLook['closed'];
  let entries = 0;
  for (let directory = open.pop(); directory !== undefined && entries < maxEntries; directory = open.pop()) {
    const path = pathBelow(root, directory);
    const because = obstacleIn(path);
    closed ??= because && { path, because };
    for (const entry of entriesOf(path)) {
      entries += 1;
      const found = childPath(directory, entry.name);
      if (directory === '' && entry.name.startsWith(STAGING_PREFIX)) continue;
      const isDirectory = entry.isDirectory();
      const reason = reasonAgainst(root, found, entry);
      if (!isDirectory && reason === undefined) continue;
      if (entry.name !== IGNORE_FILE && findExclusion(rules.in(directory), found, isDirectory) !== undefined) continue;
      if (reason !== undefined) unfit.push({ path: found, reason });
      else open.push(found);
    }
  }
  return { closed, unfit, seen: open.length === 0 ? 'all' : entries };
}

function reasonAgainst(root: ByteString, path: BytePath, entry: Dirent): string | undefined {
  const type = typeOf(entry);
  const reason = refuseEntryName(entry.name, type) ?? refuseType(type);
  if (reason !== undefined || type !== SYMLINK) return reason;
  try {
    return refuseLink(root, path);
  } catch (error) {
    if (isGone(error) || errorCode(error) === 'EINVAL') return undefined;
    throw error;
  }
}

/** The type as a mode has it. */
function typeOf(entry: Dirent): number {
  if (entry.isFile()) return FILE;
  if (entry.isDirectory()) return DIRECTORY;
  if (entry.isSymbolicLink()) return SYMLINK;
  if (entry.isFIFO()) return 0o010000;
  if (entry.isSocket()) return 0o140000;
  return entry.isBlockDevice() ? 0o060000 : 0o020000;
}
