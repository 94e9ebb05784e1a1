import { durationSec } from '../policy/duration-schema.ts';
import type { Policy } from '../policy/schema.ts';

/** What is measured, in the order in which it is told. */
export const LEVELS = ['snapshot-age', 'snapshot', 'verify', 'rollback', 'recovery', 'rehearsal-age'] as const;
/** One of {@link LEVELS}. */
export type LevelName = (typeof LEVELS)[number];

/** How much something may take, and who says so. */
export interface LevelLimit {
  readonly limitSec: number;
  readonly source: 'policy' | 'default';
}

const DEFAULTS_SEC: Readonly<Partial<Record<LevelName, number>>> = {
  snapshot: 30,
  verify: 60,
  rollback: 300,
  recovery: 300,
  'rehearsal-age': 30 * 86_400,
};

/** The limits of a policy. The age of the last snapshot has none unless the policy sets it. */
export function limitsOf({ serviceLevels, rehearsal }: Pick<Policy, 'serviceLevels' | 'rehearsal'>) {
  const written: Readonly<Record<LevelName, string | undefined>> = {
    'snapshot-age': serviceLevels?.snapshotAge,
    snapshot: serviceLevels?.snapshot,
    verify: serviceLevels?.verify,
    rollback: serviceLevels?.rollback,
    recovery: serviceLevels?.recovery,
    'rehearsal-age': rehearsal?.maxAge,
  };
  return (name: LevelName): LevelLimit | undefined => {
    const text = written[name];
    if (text !== undefined) return { limitSec: durationSec(text), source: 'policy' };
    const limitSec = DEFAULTS_SEC[name];
    return limitSec === undefined ? undefined : { limitSec, source: 'default' };
  };
}
