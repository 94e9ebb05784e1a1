import type { Oid } from '../../core/oid.ts';
import type { RefUpdate } from '../../core/ports.ts';
import { CLIENT_REFS } from '../../core/refs.ts';
import type { Context } from '../context.ts';

/** Deletes the copies of these tags that only this clone has: of remotes' refs, and what a sync put aside. They would keep the content. */
export async function copiesOf({ store }: Pick<Context, 'store'>, tags: ReadonlySet<Oid>): Promise<RefUpdate[]> {
  const updates: RefUpdate[] = [];
  for (const prefix of CLIENT_REFS)
    for (const { name, oid } of await store.listRefs(prefix))
      if (tags.has(oid)) updates.push({ name, from: oid, to: null });
  return updates;
}
