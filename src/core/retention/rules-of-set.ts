import type { Retention } from '../policy/retention-schema.ts';
import type { Policy } from '../policy/schema.ts';
import { parseDuration, passedSec } from './duration.ts';
import { KEEP_LAST, type WrittenRules } from './rules.ts';

/** How long what was pruned can be had back, where the policy does not say. */
const GRACE = '14d';

/** The rules by which snapshots of a set are kept: the policy's, or the last 20 where it has none. */
export function writtenRules(policy: Policy, set: string): WrittenRules {
  const { maxRemove: _, grace: _grace, pruneOnCreate: _auto, ...rules } = retentionOf(policy, set) ?? {};
  const hasRule = Object.keys(rules).some((name) => name.startsWith('keep'));
  return hasRule ? rules : { keepLast: KEEP_LAST, ...rules };
}

/** What the policy says of keeping snapshots of a set: its own rules, or those for all sets. */
export function retentionOf(policy: Policy, set: string): Retention | undefined {
  const own = Object.hasOwn(policy.sets, set) ? policy.sets[set]?.retention : undefined;
  return own ?? policy.retention;
}

/** When the grace period of what came to the trash at `sinceSec` is over. Seconds since the epoch. */
export function graceEndSec(policy: Policy, set: string, sinceSec: number): number {
  return passedSec(sinceSec, parseDuration(retentionOf(policy, set)?.grace ?? GRACE));
}
