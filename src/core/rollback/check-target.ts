import { displayBytes } from '../byte-string.ts';
import type { BytePath } from '../entry.ts';
import { DIRECTORY, FILE, fileType, SYMLINK } from '../entry.ts';
import { MalformedError } from '../errors.ts';
import { MAX_PATH_BYTES, refusePath, refusePathName } from '../paths.ts';

/** Every directory above the paths, the root aside. */
export function ancestors(entries: readonly { readonly path: BytePath }[]): Set<BytePath> {
  const dirs = new Set<BytePath>();
  let last = '';
  for (const { path } of entries) {
    let dir = parentOf(path);
    // Sorted lists have long runs of neighbours.
    if (dir === last) continue;
    last = dir;
    for (; dir !== '' && !dirs.has(dir); dir = parentOf(dir)) dirs.add(dir);
  }
  return dirs;
}

/** The directory that `path` is in; `''` for the root. */
export function parentOf(path: BytePath): BytePath {
  const slash = path.lastIndexOf('/');
  return slash === -1 ? '' : path.slice(0, slash);
}

/** Most names, for which the long look at what some systems make of a name can be spared. */
const PLAIN = /^[\w-][\w.-]*$/;

/**
 * Refuses a list that is not the content of any directory, or that would have us write outside of ours.
 *
 * @throws {MalformedError} naming the path
 */
export function checkTarget(target: readonly { readonly path: BytePath; readonly mode: number }[]): void {
  const dirs = ancestors(target);
  let previous: BytePath | undefined;
  let checkedParent = '';
  for (const { path, mode } of target) {
    const refuse = (reason: string) => new MalformedError(`the snapshot's path '${displayBytes(path)}'`, reason);
    if (previous !== undefined && path <= previous) throw refuse('is not in its place in the order of paths');
    previous = path;
    const type = fileType(mode);
    if (type !== FILE && type !== SYMLINK && type !== DIRECTORY) throw refuse(`has mode ${mode.toString(8)}`);
    // Also what makes a link as a parent impossible, through which we would write elsewhere.
    if (dirs.has(path)) throw refuse('is not a directory that holds something, and yet has paths below it');
    const parent = parentOf(path);
    const name = parent === '' ? path : path.slice(parent.length + 1);
    const fault =
      (PLAIN.test(name) ? undefined : refusePathName(name)) ??
      (parent === '' || parent === checkedParent ? undefined : refusePath(parent));
    if (fault !== undefined) throw refuse(`has ${fault}`);
    if (path.length > MAX_PATH_BYTES) throw refuse(`is longer than ${MAX_PATH_BYTES} bytes`);
    checkedParent = parent;
  }
}
