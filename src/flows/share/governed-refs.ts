import type { Oid } from '../../core/oid.ts';
import { GOVERNED_REFS } from '../../core/refs.ts';
import type { Context } from '../context.ts';

/** Every governed ref of a repository, by name: of snapshots and what stands on them, of the policy, and of the log. */
export async function readGovernedRefs({ store }: Pick<Context, 'store'>): Promise<Map<string, Oid>> {
  const refs = new Map<string, Oid>();
  for (const prefix of GOVERNED_REFS) for (const { name, oid } of await store.listRefs(prefix)) refs.set(name, oid);
  return refs;
}
