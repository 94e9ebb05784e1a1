import type { ByteString } from '../byte-string.ts';
import { bytesToHex, displayBytes } from '../byte-string.ts';
import { MalformedError } from '../errors.ts';
import type { ObjectFormat, Oid } from '../oid.ts';
import { refusePathName } from '../paths.ts';
import { readEntry } from './tree-entry.ts';

/** One entry of a tree that is not ours. */
export interface ForeignItem {
  readonly name: ByteString;
  readonly oid: Oid;
  readonly isDirectory: boolean;
}

/** Git takes zeros before a mode, and modes that it writes no more. Of longer ones it looks at the last digits alone. */
const MODE = /^0*(1[0-7]{5}|[1-7][0-7]{0,4})$/;

/**
 * Parses a tree that people made: of any modes, submodules too, but only with names that git takes, each of them once, in git's
 * order. Where these rules are broken, one reader finds another entry than the next: which one git checks out is anybody's guess.
 *
 * @param what - the object, named in errors
 * @throws {MalformedError} naming the entry and the rule it breaks
 */
export function parseForeignTree(body: ByteString, format: ObjectFormat, what: string): ForeignItem[] {
  const items: ForeignItem[] = [];
  const names = new Set<ByteString>();
  let at = 0;
  let lastKey = '';
  while (at < body.length) {
    const { mode: written, name, oidStart, end } = readEntry(body, at, { format, what });
    const [, mode] = MODE.exec(written) ?? [];
    if (mode === undefined) throw new MalformedError(what, `'${displayBytes(written.slice(0, 12))}' is no mode`);
    const refused = refusePathName(name);
    if (refused !== undefined) throw new MalformedError(what, refused);
    const isDirectory = mode.length === 5 && mode.startsWith('4');
    if (names.has(name)) throw new MalformedError(what, `two entries have the name '${displayBytes(name)}'`);
    const key = isDirectory ? `${name}/` : name;
    if (key < lastKey) throw new MalformedError(what, 'the entries are not in order');
    names.add(name);
    lastKey = key;
    items.push({ name, oid: bytesToHex(body, oidStart, end) as Oid, isDirectory });
    at = end;
  }
  return items;
}
