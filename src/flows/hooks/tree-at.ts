import { displayBytes, utf8Encode } from '../../core/byte-string.ts';
import { MalformedError, MissingObjectError } from '../../core/errors.ts';
import { parseForeignTree } from '../../core/git/foreign-tree.ts';
import type { Oid } from '../../core/oid.ts';
import { isOid } from '../../core/oid.ts';
import type { GitObject, ObjectReader } from '../../core/ports.ts';

type Reading = Pick<ObjectReader, 'format' | 'readObject'>;

/** A directory of a commit, or why there is none. */
export type FoundTree = { readonly tree: Oid } | { readonly tree: undefined; readonly reason: string };

/** Tags of tags of tags: nobody has more. */
const MAX_TAGS = 5;

/**
 * The tree of a directory in a commit, or in what a tag names. People's own commits may hold anything beside the way to it,
 * submodules too. The trees on the way must be such as git writes: others do not say which directory is meant.
 *
 * @param path - from the top of the commit's tree
 */
export async function treeAt(store: Reading, { oid, path }: { oid: Oid; path: string }): Promise<FoundTree> {
  try {
    const { type, body } = await peel(store, oid);
    if (type !== 'commit') return { tree: undefined, reason: `is a ${type}, not a commit` };
    let tree = headerOf(store, body, 'tree');
    for (const name of path.split('/')) {
      const object = tree && (await store.readObject(tree));
      const found = object && directoryIn(store, object, utf8Encode(name));
      if (found === undefined)
        return { tree: undefined, reason: `has no directory '${displayBytes(utf8Encode(path))}'` };
      if (found.tree === undefined) return found;
      tree = found.tree;
    }
    return tree === undefined ? { tree, reason: 'names no tree' } : { tree };
  } catch (error) {
    if (error instanceof MalformedError || error instanceof MissingObjectError)
      return { tree: undefined, reason: `cannot be read: ${error.message}` };
    throw error;
  }
}

async function peel(store: Reading, oid: Oid): Promise<GitObject> {
  let object = await store.readObject(oid);
  for (let depth = 0; object.type === 'tag' && depth < MAX_TAGS; depth++) {
    const next = headerOf(store, object.body, 'object');
    if (next === undefined) return object;
    object = await store.readObject(next);
  }
  return object;
}

/** The object that the first line of a commit or tag names. */
function headerOf({ format }: Reading, body: string, name: 'tree' | 'object'): Oid | undefined {
  const oid = body.startsWith(`${name} `) ? body.slice(name.length + 1, body.indexOf('\n')) : '';
  return isOid(oid, format) ? oid : undefined;
}

/** The directory of that name. All of the tree is read: where it has two, git may check out the other. */
function directoryIn({ format }: Reading, { oid, type, body }: GitObject, name: string): FoundTree | undefined {
  if (type !== 'tree') return undefined;
  try {
    const item = parseForeignTree(body, format, `tree ${oid}`).find((each) => each.name === name);
    return item?.isDirectory === true ? { tree: item.oid } : undefined;
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    return { tree: undefined, reason: `has a tree that git would not write: ${error.message}` };
  }
}
