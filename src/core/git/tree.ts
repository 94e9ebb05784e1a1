import type { ByteString } from '../byte-string.ts';
import { bytesToHex, displayBytes, hexToBytes } from '../byte-string.ts';
import { MalformedError } from '../errors.ts';
import type { ObjectFormat, Oid } from '../oid.ts';
import { refuseEntryName } from '../paths.ts';
import { readEntry } from './tree-entry.ts';

/** The modes that a tree of ours may hold. No gitlinks, no legacy group-writable files. */
export type TreeMode = '40000' | '100644' | '100755' | '120000';

/** One entry of a tree. */
export interface TreeItem {
  readonly mode: TreeMode;
  readonly name: ByteString;
  readonly oid: Oid;
}

/** Git sorts a directory as if its name ended in a slash. */
function sortKey({ mode, name }: TreeItem): ByteString {
  return mode === '40000' ? `${name}/` : name;
}

/** The bytes of a tree object. The items may come in any order. */
export function encodeTree(items: readonly TreeItem[]): ByteString {
  const sorted = isSorted(items) ? items : items.toSorted((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
  return sorted.map((item) => `${item.mode} ${item.name}\0${hexToBytes(item.oid)}`).join('');
}

function isSorted(items: readonly TreeItem[]): boolean {
  let last = '';
  for (const item of items) {
    const key = sortKey(item);
    if (key < last) return false;
    last = key;
  }
  return true;
}

/**
 * Parses a tree, accepting only what {@link encodeTree} would have written for names that may be in a snapshot.
 *
 * @param what - the object, named in errors
 * @throws {MalformedError} naming the entry and the rule it breaks
 */
export function parseTree(body: ByteString, format: ObjectFormat, what: string): TreeItem[] {
  const items: TreeItem[] = [];
  const names = new Set<ByteString>();
  let at = 0;
  let lastKey = '';
  while (at < body.length) {
    const { mode, name, oidStart, end } = readEntry(body, at, { format, what });
    if (mode === '160000') throw new MalformedError(what, `'${displayBytes(name)}' is a submodule link`);
    if (mode !== '40000' && mode !== '100644' && mode !== '100755' && mode !== '120000') {
      throw new MalformedError(what, `entry mode '${displayBytes(mode.slice(0, 12))}' is not allowed`);
    }
    const refused = refuseEntryName(name, Number.parseInt(mode, 8));
    if (refused !== undefined) throw new MalformedError(what, refused);
    const item: TreeItem = { mode, name, oid: bytesToHex(body, oidStart, end) as Oid };
    const key = sortKey(item);
    if (key <= lastKey) throw new MalformedError(what, 'the entries are not in order');
    // A file and a directory of one name sort apart, so order alone does not rule the twins out.
    if (names.has(name)) throw new MalformedError(what, 'two entries have one name');
    names.add(name);
    lastKey = key;
    items.push(item);
    at = end;
  }
  return items;
}
