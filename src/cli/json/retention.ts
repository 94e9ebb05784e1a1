import type { Explanation } from '../../core/retention/explain.ts';
import type { RetentionPlan } from '../../core/retention/plan.ts';

/** What a plan for a repository has beside that of a simulation. */
export interface PlanDetails {
  /** Ids of what goes out of the trash for good. */
  readonly drop?: readonly string[];
  /** Bytes on the disk that would come free. */
  readonly freedBytes?: number | undefined;
}

/** Of `prune --json`. With `explained` it has one field more. */
export function planJson(
  { digest, keep, remove }: RetentionPlan & { readonly digest: string },
  explained: Explanation | undefined,
  { drop, freedBytes }: PlanDetails = {},
) {
  return {
    digest,
    keep: keep.map(({ id, reasons }) => ({ id, reasons })),
    remove: remove.map(({ id, reason }) => ({ id, reason })),
    ...(drop === undefined ? {} : { drop }),
    ...(freedBytes === undefined ? {} : { freedBytes }),
    ...(explained === undefined ? {} : { explain: explanationJson(explained) }),
  };
}

function explanationJson(explained: Explanation) {
  return explained.isKept
    ? { id: explained.id, kept: true, reasons: explained.reasons.map(({ reason, goes }) => ({ reason, goes })) }
    : { id: explained.id, kept: false, reason: explained.reason };
}
