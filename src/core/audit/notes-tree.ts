import type { ByteString } from '../byte-string.ts';
import { utf8Encode } from '../byte-string.ts';
import type { TreeItem } from '../git/tree.ts';
import { encodeTree } from '../git/tree.ts';
import type { Oid } from '../oid.ts';
import type { AuditEvent } from './event.ts';
import { describeEvent } from './event.ts';

/*
 * The notes view: a tree that "git notes --ref=snapshots" reads. The note of an object is a blob named by the
 * object, here always two levels deep (`ab/cdef…`): git reads any depth, and one event then
 * rewrites a 256th of the notes, not all.
 */

/** Where the note of `object` stands: the name of its directory, and its name in there. */
export function notePlace(object: string): { directory: string; name: string } {
  return { directory: object.slice(0, 2), name: object.slice(2) };
}

/** The line that an event adds to the note of its object. */
export function noteLine(event: AuditEvent): ByteString {
  return utf8Encode(`${event.at} #${event.seq} ${event.actor}: ${describeEvent(event)}\n`);
}

/** The items of a tree with one of them put in or replaced, as the bytes of the new tree. */
export function withItem(items: readonly TreeItem[], item: TreeItem): ByteString {
  return encodeTree([...items.filter(({ name }) => name !== item.name), item]);
}

/** The item for a note's blob, or for a directory of notes. */
export function noteItem(name: string, oid: Oid, kind: 'note' | 'directory'): TreeItem {
  return { mode: kind === 'note' ? '100644' : '40000', name, oid };
}
