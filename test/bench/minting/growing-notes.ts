import { eventNotes } from '../../../src/core/audit/describe-event.ts';
import type { AuditEvent } from '../../../src/core/audit/event.ts';
import { noteItem, noteLine, notePlace } from '../../../src/core/audit/notes-tree.ts';
import type { ByteString } from '../../../src/core/byte-string.ts';
import { encodeTree } from '../../../src/core/git/tree.ts';
import type { Oid } from '../../../src/core/oid.ts';

type Item = ReturnType<typeof noteItem>;

/** The notes of a log that grows by one event after the other. No object is noted twice. */
export class GrowingNotes {
  readonly #add: (type: 'blob' | 'tree', body: ByteString) => Oid;
  readonly #directories = new Map<string, Item[]>();
  readonly #trees = new Map<string, Item>();

  /** @param add - stores an object and gives its name */
  constructor(add: (type: 'blob' | 'tree', body: ByteString) => Oid) {
    this.#add = add;
  }

  /** @returns the notes with those of the event */
  add(event: AuditEvent): Oid {
    for (const { object, text } of eventNotes(event)) {
      const { directory, name } = notePlace(object);
      const items = this.#directories.get(directory) ?? [];
      items.push(noteItem(name, this.#add('blob', noteLine(event, text)), 'note'));
      this.#directories.set(directory, items);
      this.#trees.set(directory, noteItem(directory, this.#add('tree', encodeTree(items)), 'directory'));
    }
    return this.#add('tree', encodeTree([...this.#trees.values()]));
  }
}
