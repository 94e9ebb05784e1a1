import type { Oid } from '../../core/oid.ts';
import type { RefUpdate } from '../../core/ports.ts';
import type { Context } from '../context.ts';

/** Where copies of remotes' refs are, and what a sync put aside. Only this clone knows of them. */
const COPY_REFS = ['refs/snapshot-remotes/', 'refs/snapshot-dropped/'];

/** Deletes the copies of these tags: they would keep the content. */
export async function copiesOf({ store }: Pick<Context, 'store'>, tags: ReadonlySet<Oid>): Promise<RefUpdate[]> {
  const updates: RefUpdate[] = [];
  for (const prefix of COPY_REFS)
    for (const { name, oid } of await store.listRefs(prefix))
      if (tags.has(oid)) updates.push({ name, from: oid, to: null });
  return updates;
}
