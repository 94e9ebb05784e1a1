import { eventNotes } from '../../core/audit/describe-event.ts';
import type { AuditEvent } from '../../core/audit/event.ts';
import { noteItem, noteLine, notePlace, withItems } from '../../core/audit/notes-tree.ts';
import type { NotesView } from '../../core/audit/notes-view.ts';
import type { ByteString } from '../../core/byte-string.ts';
import type { TreeItem } from '../../core/git/tree.ts';
import { parseTree } from '../../core/git/tree.ts';
import type { Oid } from '../../core/oid.ts';
import type { Context } from '../context.ts';

/** Adds the event's lines to the notes of its objects, in the notes tree of the event before it. */
export async function addNote(ctx: Context, event: AuditEvent, previousTree: Oid | undefined): Promise<NotesView> {
  const objects: { type: 'blob' | 'tree'; body: ByteString }[] = [];
  const add = (type: 'blob' | 'tree', body: ByteString): Oid => {
    objects.push({ type, body });
    return ctx.digest.objectName(ctx.store.format, type, body);
  };
  const top = previousTree === undefined ? [] : await readItems(ctx, previousTree);
  const directories: TreeItem[] = [];
  for (const [directory, news] of linesByDirectory(event)) {
    const known = top.find(({ name }) => name === directory);
    const notes = known === undefined ? [] : await readItems(ctx, known.oid);
    const former = new Map(notes.map(({ name, oid }) => [name, oid]));
    const items: TreeItem[] = [];
    for (const [name, line] of news) {
      const old = former.get(name);
      items.push(noteItem(name, add('blob', (await textOf(ctx, old)) + line), 'note'));
    }
    directories.push(noteItem(directory, add('tree', withItems(notes, items)), 'directory'));
  }
  return { root: add('tree', withItems(top, directories)), objects };
}

/** What each note gains, by the directory that it is in and its name there. */
function linesByDirectory(event: AuditEvent): ReadonlyMap<string, ReadonlyMap<string, ByteString>> {
  const directories = new Map<string, Map<string, ByteString>>();
  for (const { object, text } of eventNotes(event)) {
    const { directory, name } = notePlace(object);
    const lines = directories.get(directory) ?? new Map<string, ByteString>();
    lines.set(name, (lines.get(name) ?? '') + noteLine(event, text));
    directories.set(directory, lines);
  }
  return directories;
}

async function textOf({ store }: Context, note: Oid | undefined): Promise<ByteString> {
  return note === undefined ? '' : (await store.readObject(note)).body;
}

async function readItems(ctx: Context, tree: Oid): Promise<TreeItem[]> {
  const { body } = await ctx.store.readObject(tree);
  return parseTree(body, ctx.store.format, `notes tree ${tree}`);
}
