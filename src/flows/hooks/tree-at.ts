import { bytesToHex, displayBytes, utf8Encode } from '../../core/byte-string.ts';
import { MalformedError, MissingObjectError } from '../../core/errors.ts';
import type { Oid } from '../../core/oid.ts';
import { isOid } from '../../core/oid.ts';
import type { GitObject, ObjectReader } from '../../core/ports.ts';

type Reading = Pick<ObjectReader, 'format' | 'readObject'>;

/** A directory of a commit, or why there is none. */
export type FoundTree = { readonly tree: Oid } | { readonly tree: undefined; readonly reason: string };

/** Tags of tags of tags: nobody has more. */
const MAX_TAGS = 5;

/**
 * The tree of a directory in a commit, or in what a tag names. People's own commits may hold anything on the way to it,
 * submodules too, so this reads them without judging them.
 *
 * @param path - from the top of the commit's tree
 */
export async function treeAt(store: Reading, { oid, path }: { oid: Oid; path: string }): Promise<FoundTree> {
  try {
    const { type, body } = await peel(store, oid);
    if (type !== 'commit') return { tree: undefined, reason: `is a ${type}, not a commit` };
    let tree = headerOf(store, body, 'tree');
    for (const name of path.split('/')) {
      const found = tree && directoryIn(await store.readObject(tree), utf8Encode(name), store.format.rawLength);
      if (found === undefined)
        return { tree: undefined, reason: `has no directory '${displayBytes(utf8Encode(path))}'` };
      tree = found;
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

function directoryIn({ type, body }: GitObject, name: string, rawLength: number): Oid | undefined {
  if (type !== 'tree') return undefined;
  for (let at = 0; at < body.length; ) {
    const nul = body.indexOf('\0', at);
    if (nul < 0) return undefined;
    const end = nul + 1 + rawLength;
    // Git reads a mode with zeros before it, too.
    const [, mode, found] = /^(\d+) ([\s\S]*)$/.exec(body.slice(at, nul)) ?? [];
    if (found === name) return /^0*40000$/.test(mode ?? '') ? (bytesToHex(body, nul + 1, end) as Oid) : undefined;
    at = end;
  }
  return undefined;
}
