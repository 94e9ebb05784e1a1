import { SnapshotError } from '../errors.ts';
import { departureText } from './departure.ts';
import type { RetentionPlan } from './plan.ts';

/** Why one snapshot stays or goes. */
export type Explanation =
  | {
      readonly id: string;
      readonly isKept: true;
      /** It goes when all of these have come to their end. */
      readonly reasons: readonly {
        readonly reason: string;
        /** When that comes to its end, if policy and protections stay as they are. */
        readonly goes: string;
      }[];
    }
  | {
      readonly id: string;
      readonly isKept: false;
      readonly reason: string;
    };

/** Explains what a plan does with a snapshot. @throws {SnapshotError} of kind `not-found` */
export function explainSnapshot({ keep, remove }: RetentionPlan, id: string): Explanation {
  const removed = remove.find((snapshot) => snapshot.id === id);
  if (removed !== undefined) return { id, isKept: false, reason: removed.reason };
  const kept = keep.find((snapshot) => snapshot.id === id);
  if (kept === undefined) throw new SnapshotError('not-found', `no snapshot '${id}' in the plan`);
  return {
    id,
    isKept: true,
    reasons: kept.goes.map((goes, i) => ({ reason: kept.reasons[i] ?? '', goes: departureText(goes) })),
  };
}
