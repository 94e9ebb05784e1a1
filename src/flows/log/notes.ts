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
  const [top = []] = await readTrees(ctx, [previousTree]);
  const oidOf = namesOf(top);
  const changes = [...linesByDirectory(event)];
  const trees = await readTrees(
    ctx,
    changes.map(([directory]) => oidOf.get(directory)),
  );
  const news = changes.map(([directory, lines], k) => ({ directory, lines, notes: trees[k] ?? [] }));
  // All in one pass: a prune adds to the notes of all that it removes.
  const formerOf = news.map(({ notes, lines }) => {
    const known = namesOf(notes);
    return [...lines.keys()].map((name) => known.get(name));
  });
  const texts = (await readAll(ctx, formerOf.flat())).values();
  const directories = news.map(({ directory, lines, notes }) => {
    const items = [...lines].map(([name, line]) =>
      noteItem(name, add('blob', (texts.next().value ?? '') + line), 'note'),
    );
    return noteItem(directory, add('tree', withItems(notes, items)), 'directory');
  });
  return { root: add('tree', withItems(top, directories)), objects };
}

const namesOf = (items: readonly TreeItem[]) => new Map(items.map(({ name, oid }) => [name, oid]));

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

async function readTrees(ctx: Context, trees: readonly (Oid | undefined)[]): Promise<TreeItem[][]> {
  const bodies = await readAll(ctx, trees);
  return bodies.map((body, k) =>
    body === undefined ? [] : parseTree(body, ctx.store.format, `notes tree ${trees[k]}`),
  );
}

/** The bytes of objects, undefined for those that there are none of yet. */
async function readAll(
  { store }: Context,
  oids: readonly (Oid | undefined)[],
): Promise<readonly (ByteString | undefined)[]> {
  const found = (await store.readObjects(oids.filter((oid) => oid !== undefined))).values();
  return oids.map((oid) => (oid === undefined ? undefined : found.next().value?.body));
}
