import { SnapshotError } from '../errors.ts';
import type { RetentionPlan } from './plan.ts';
import { hasRule, type RetentionRules } from './rules.ts';

/** Refuses rules that keep nothing at all: they are a mistake, never a wish. @throws {SnapshotError} of kind `config` */
export function requireRule(rules: RetentionRules, set: string): void {
  if (hasRule(rules)) return;
  throw new SnapshotError('config', `no rule keeps any snapshot of '${set}'`, {
    hint: 'Say what is kept: a count above 0, a duration or labels.',
  });
}

/** Refuses a plan that would leave nothing of a set. @throws {SnapshotError} of kind `config` */
export function requireSomeLeft({ keep, remove }: RetentionPlan, set: string): void {
  if (keep.length > 0 || remove.length === 0) return;
  throw new SnapshotError('config', `nothing would be left of '${set}'`, {
    hint: 'Add a rule that keeps the newest, such as keepLast: 1.',
  });
}

/** Refuses to remove more at once than was allowed. @throws {SnapshotError} of kind `config` */
export function requireAtMost(maxRemove: number, removeCount: number): void {
  if (removeCount <= maxRemove) return;
  throw new SnapshotError('config', `${removeCount} snapshots would be removed, more than ${maxRemove}`, {
    hint: `Look at them, then allow that many: --max-remove ${removeCount}`,
  });
}
