import type { AuditEvent } from '../../core/audit/event.ts';
import { eventObject } from '../../core/audit/event.ts';
import { noteItem, noteLine, notePlace, withItem } from '../../core/audit/notes-tree.ts';
import type { NotesView } from '../../core/audit/notes-view.ts';
import type { TreeItem } from '../../core/git/tree.ts';
import { parseTree } from '../../core/git/tree.ts';
import type { Oid } from '../../core/oid.ts';
import type { Context } from '../context.ts';

/** Adds the event's line to the note of its object, in the notes tree of the event before it. */
export async function addNote(ctx: Context, event: AuditEvent, previousTree: Oid | undefined): Promise<NotesView> {
  const { store, digest } = ctx;
  const place = notePlace(eventObject(event));
  const top = previousTree === undefined ? [] : await readItems(ctx, previousTree);
  const directory = top.find(({ name }) => name === place.directory);
  const notes = directory === undefined ? [] : await readItems(ctx, directory.oid);
  const old = notes.find(({ name }) => name === place.name);
  const text = (old === undefined ? '' : (await store.readObject(old.oid)).body) + noteLine(event);
  const blob = digest.objectName(store.format, 'blob', text);
  const subtree = withItem(notes, noteItem(place.name, blob, 'note'));
  const root = withItem(top, noteItem(place.directory, digest.objectName(store.format, 'tree', subtree), 'directory'));
  return {
    root: digest.objectName(store.format, 'tree', root),
    objects: [
      { type: 'blob', body: text },
      { type: 'tree', body: subtree },
      { type: 'tree', body: root },
    ],
  };
}

async function readItems(ctx: Context, tree: Oid): Promise<TreeItem[]> {
  const { body } = await ctx.store.readObject(tree);
  return parseTree(body, ctx.store.format, `notes tree ${tree}`);
}
