import { durationSec } from '../policy/duration-schema.ts';
import type { FreezeWindow } from '../policy/environment-schema.ts';
import type { Policy } from '../policy/schema.ts';

/** The rules of an environment, complete. */
export interface EnvironmentRules {
  readonly from: string | undefined;
  readonly approvals: number;
  readonly excludeAuthor: boolean;
  readonly excludePromoter: boolean;
  readonly rejections: 'block' | 'outvote';
  readonly gates: readonly string[];
  /** Seconds. */
  readonly soakSec: number;
  readonly freeze: readonly FreezeWindow[];
  readonly rollbackApprovals: number;
  /** How many live snapshots back a rollback may go; undefined: any. */
  readonly rollbackDepth: number | undefined;
  /** Whether a rollback stops promotions until somebody resumes them. */
  readonly holdsAfterRollback: boolean;
  readonly breakGlass: boolean;
}

/** What an environment asks for, or undefined if the policy has none of that name. */
export function rulesOf({ environments = {} }: Policy, name: string): EnvironmentRules | undefined {
  const written = Object.hasOwn(environments, name) ? environments[name] : undefined;
  if (written === undefined) return undefined;
  const { approvals, rollback } = written;
  return {
    from: written.from,
    approvals: approvals?.count ?? 0,
    excludeAuthor: approvals?.excludeAuthor ?? true,
    excludePromoter: approvals?.excludePromoter ?? true,
    rejections: written.rejections ?? 'block',
    gates: written.gates ?? [],
    soakSec: written.soak === undefined ? 0 : durationSec(written.soak),
    freeze: written.freeze ?? [],
    rollbackApprovals: rollback?.approvals ?? 0,
    rollbackDepth: rollback?.depth,
    holdsAfterRollback: rollback?.hold ?? false,
    breakGlass: written.breakGlass ?? false,
  };
}

/** Environments in the order of promotion: each after the one that it takes from, else by name. */
export function environmentOrder({ environments = {} }: Policy): string[] {
  const depth = (name: string): number => {
    const from = environments[name]?.from;
    return from === undefined ? 0 : 1 + depth(from);
  };
  return Object.keys(environments).sort((a, b) => depth(a) - depth(b) || (a < b ? -1 : 1));
}
