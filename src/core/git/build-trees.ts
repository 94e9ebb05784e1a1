import type { ByteString } from '../byte-string.ts';
import type { BytePath, Entry } from '../entry.ts';
import { DIRECTORY, fileType, SYMLINK } from '../entry.ts';
import type { Oid } from '../oid.ts';
import type { TreeItem, TreeMode } from './tree.ts';
import { encodeTree } from './tree.ts';

/** The trees over a set's entries. */
export interface BuiltTrees {
  readonly root: Oid;
  /** The tree of every directory, by path; `''` is the root. */
  readonly trees: ReadonlyMap<BytePath, Oid>;
}

interface OpenDirectory {
  readonly path: BytePath;
  readonly items: TreeItem[];
}

/**
 * Builds the tree objects over `entries`.
 *
 * @param entries - sorted by path
 * @param cleanTrees - directories in and below which nothing changed, with their trees: not built again
 * @param write - takes each tree that had to be built, and gives its object name. The empty tree too, where an empty directory needs it
 */
export function buildTrees(
  entries: Iterable<Pick<Entry, 'path' | 'mode' | 'oid'>>,
  { cleanTrees, write }: { cleanTrees: ReadonlyMap<BytePath, Oid>; write: (body: ByteString) => Oid },
): BuiltTrees {
  const whole = cleanTrees.get('');
  if (whole !== undefined) return { root: whole, trees: cleanTrees };
  // Empty directories in a clean one are not looked at again, but belong to the whole.
  const trees = new Map<BytePath, Oid>(cleanTrees);
  const open: OpenDirectory[] = [{ path: '', items: [] }];

  const build = (items: readonly TreeItem[]): Oid => write(encodeTree(items));
  const close = (): Oid => {
    const done = open.pop() as OpenDirectory;
    const oid = cleanTrees.get(done.path) ?? build(done.items);
    trees.set(done.path, oid);
    open.at(-1)?.items.push({ mode: '40000', name: lastName(done.path), oid });
    return oid;
  };

  for (const { path, mode, oid } of entries) {
    while (!isBelow(path, (open.at(-1) as OpenDirectory).path)) close();
    for (;;) {
      const here = open.at(-1) as OpenDirectory;
      const slash = path.indexOf('/', here.path === '' ? 0 : here.path.length + 1);
      if (slash < 0) break;
      open.push({ path: path.slice(0, slash), items: [] });
    }
    // What is in a clean directory is known already.
    if (cleanTrees.has((open.at(-1) as OpenDirectory).path)) continue;
    const name = lastName(path);
    if (fileType(mode) === DIRECTORY) {
      const empty = build([]);
      trees.set(path, empty);
      open.at(-1)?.items.push({ mode: '40000', name, oid: empty });
    } else {
      open.at(-1)?.items.push({ mode: treeMode(mode), name, oid });
    }
  }
  while (open.length > 1) close();
  return { root: close(), trees };
}

/** The mode that a tree has for a file or link: of its permissions git keeps only whether the owner may execute it. */
function treeMode(mode: number): TreeMode {
  if (fileType(mode) === SYMLINK) return '120000';
  return (mode & 0o100) !== 0 ? '100755' : '100644';
}

function isBelow(path: BytePath, directory: BytePath): boolean {
  return directory === '' || (path.startsWith(directory) && path[directory.length] === '/');
}

function lastName(path: BytePath): ByteString {
  return path.slice(path.lastIndexOf('/') + 1);
}
