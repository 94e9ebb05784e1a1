import type { Json } from '../canonical-json.ts';
import type { RetentionPlan } from './plan.ts';

/**
 * What a plan comes to, for its digest: ids and reasons, in order. What it was made from (refs, policy, log) is the
 * caller's to add, so that a plan cannot be carried out where that has changed.
 */
export function planDocument({ keep, remove }: RetentionPlan) {
  return {
    keep: keep.map(({ id, reasons }) => ({ id, reasons })),
    remove: remove.map(({ id, reason }) => ({ id, reason })),
  } satisfies Json;
}
