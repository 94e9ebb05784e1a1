import type { ByteString } from '../byte-string.ts';
import { utf8Encode } from '../byte-string.ts';
import type { TreeItem } from '../git/tree.ts';
import { encodeTree } from '../git/tree.ts';
import type { Oid } from '../oid.ts';
import type { AuditEvent } from './event.ts';

/*
 * The notes view: a tree that "git notes --ref=snapshots" reads. The note of an object is a blob named by the
 * object, here always two levels deep (`ab/cdef…`): git reads any depth, and one event then
 * rewrites a 256th of the notes, not all.
 */

/** Where the note of `object` stands: the name of its directory, and its name in there. */
export function notePlace(object: string): { directory: string; name: string } {
  return { directory: object.slice(0, 2), name: object.slice(2) };
}

/** The line that an event adds to the note of an object, of what it says of that. */
export function noteLine({ at, seq, actor }: Pick<AuditEvent, 'at' | 'seq' | 'actor'>, text: string): ByteString {
  return utf8Encode(`${at} #${seq} ${actor}: ${text}\n`);
}

/** The items of a tree with these put in or replaced, as the bytes of the new tree. */
export function withItems(items: readonly TreeItem[], news: readonly TreeItem[]): ByteString {
  const names = new Set(news.map(({ name }) => name));
  return encodeTree([...items.filter(({ name }) => !names.has(name)), ...news]);
}

/** The item for a note's blob, or for a directory of notes. */
export function noteItem(name: string, oid: Oid, kind: 'note' | 'directory'): TreeItem {
  return { mode: kind === 'note' ? '100644' : '40000', name, oid };
}
