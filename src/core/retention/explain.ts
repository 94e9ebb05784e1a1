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

/**
 * Explains what a plan does with a snapshot.
 *
 * @param text - its id, or the beginning of it
 * @throws {SnapshotError} `not-found`, or `usage` where several ids begin so
 */
export function explainSnapshot({ keep, remove }: RetentionPlan, text: string): Explanation {
  const all = [...keep, ...remove].map((snapshot) => snapshot.id);
  const [id = text, ...others] = all.includes(text) ? [text] : all.filter((one) => one.startsWith(text));
  if (others.length > 0) {
    throw new SnapshotError('usage', `${others.length + 1} snapshots of the plan begin with '${text}'`, {
      hint: `Give more of the id: ${[id, ...others].slice(0, 3).join(', ')}.`,
    });
  }
  const removed = remove.find((snapshot) => snapshot.id === id);
  if (removed !== undefined) return { id, isKept: false, reason: removed.reason };
  const kept = keep.find((snapshot) => snapshot.id === id);
  if (kept === undefined)
    throw new SnapshotError('not-found', `no snapshot '${id}' in the plan`, {
      hint: 'Give its id, or the beginning of it: the plan without --explain lists all.',
    });
  return {
    id,
    isKept: true,
    reasons: kept.goes.map((goes, i) => ({ reason: kept.reasons[i] ?? '', goes: departureText(goes) })),
  };
}
