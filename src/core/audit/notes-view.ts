import type { ByteString } from '../byte-string.ts';
import { encodeTree } from '../git/tree.ts';
import type { ObjectFormat, Oid } from '../oid.ts';
import type { Digest } from '../ports.ts';
import { eventNotes } from './describe-event.ts';
import type { AuditEvent } from './event.ts';

import { noteItem, noteLine, notePlace } from './notes-tree.ts';

/** Notes as a tree, and the objects that make it up: each after those that it names. */
export interface NotesView {
  readonly root: Oid;
  readonly objects: readonly { readonly type: 'blob' | 'tree'; readonly body: ByteString }[];
}

/** The notes that these events come to, from nothing. What the log's tip holds must be the same. */
export function buildNotes(events: readonly AuditEvent[], digest: Digest, format: ObjectFormat): NotesView {
  const texts = new Map<Oid, ByteString>();
  for (const event of events) {
    for (const { object, text } of eventNotes(event))
      texts.set(object, (texts.get(object) ?? '') + noteLine(event, text));
  }
  const objects: { type: 'blob' | 'tree'; body: ByteString }[] = [];
  const add = (type: 'blob' | 'tree', body: ByteString): Oid => {
    objects.push({ type, body });
    return digest.objectName(format, type, body);
  };
  const directories = new Map<string, ReturnType<typeof noteItem>[]>();
  for (const [object, text] of texts) {
    const { directory, name } = notePlace(object);
    const items = directories.get(directory) ?? [];
    items.push(noteItem(name, add('blob', text), 'note'));
    directories.set(directory, items);
  }
  const top = [...directories].map(([name, items]) => noteItem(name, add('tree', encodeTree(items)), 'directory'));
  return { root: add('tree', encodeTree(top)), objects };
}
