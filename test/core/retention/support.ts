import type { Candidate } from '../../../src/core/retention/plan.ts';
import { planRetention, type RetentionPlan } from '../../../src/core/retention/plan.ts';
import { rulesOfRetention, type WrittenRules } from '../../../src/core/retention/rules.ts';
import { parseLabel } from '../../../src/core/snapshot/label.ts';

/** Seconds of `2026-08-15T00:00:00Z`, or of a day's midnight in UTC. */
export const at = (iso: string) => Date.parse(iso) / 1000;

/** A snapshot that is called after its time. */
export function taken(
  iso: string,
  { id = iso, labels = [], protections = [] }: { id?: string; labels?: string[]; protections?: string[] } = {},
): Candidate {
  return { id, atSec: at(iso), labels: labels.map(parseLabel), protections };
}

/** Plans at the end of 2026, unless told when. */
export function plan(
  snapshots: readonly (string | Candidate)[],
  rules: WrittenRules,
  { now = '2026-12-31T00:00:00Z' }: { now?: string } = {},
): RetentionPlan {
  return planRetention({
    snapshots: snapshots.map((snapshot) => (typeof snapshot === 'string' ? taken(snapshot) : snapshot)),
    rules: rulesOfRetention(rules),
    nowSec: at(now),
  });
}

/** Ids with their reasons, newest first. */
export function kept({ keep }: RetentionPlan): Record<string, readonly string[]> {
  return Object.fromEntries(keep.map(({ id, reasons }) => [id, reasons]));
}

/** Ids, newest first. */
export const removed = ({ remove }: RetentionPlan): string[] => remove.map(({ id }) => id);
