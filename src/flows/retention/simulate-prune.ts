import { utf8Encode } from '../../core/byte-string.ts';
import { canonicalJson } from '../../core/canonical-json.ts';
import { SnapshotError } from '../../core/errors.ts';
import type { Digest } from '../../core/ports.ts';
import { planRetention, type RetentionPlan } from '../../core/retention/plan.ts';
import { planDocument } from '../../core/retention/plan-document.ts';
import { requireAtMost, requireRule, requireSomeLeft } from '../../core/retention/rails.ts';
import { rulesOfRetention, type WrittenRules } from '../../core/retention/rules.ts';
import { readSimulation } from '../../core/retention/simulation.ts';
import { sha256Of } from '../context.ts';

/** What to try, and on what. */
export interface SimulationOptions {
  /** Where the snapshots are from, for messages. */
  readonly name: string;
  /** `[{"id": …, "time": …, "labels": ["k=v"]}]`. */
  readonly text: string;
  readonly rules: WrittenRules;
  /** Seconds since the epoch. */
  readonly nowSec: number;
  /** Undefined: any number. */
  readonly maxRemove: number | undefined;
}

/** What would be kept and removed. */
export interface SimulatedPlan extends RetentionPlan {
  readonly digest: string;
}

/** How many faults a message tells of. */
const MAX_FAULTS = 10;

/**
 * Plans over snapshots that are in no repository, so that rules can be tried before they are trusted.
 *
 * @throws {SnapshotError} `usage` for snapshots that cannot be read, `config` where pruning would be refused
 */
export function simulatePrune(
  ctx: { readonly digest: Digest },
  { name, text, rules: written, nowSec, maxRemove }: SimulationOptions,
): SimulatedPlan {
  const rules = rulesOfRetention(written);
  requireRule(rules, name);
  const reading = readSimulation(text);
  if (!reading.ok) throw unreadable(name, reading.faults);
  const plan = planRetention({ snapshots: reading.snapshots, rules, nowSec });
  requireSomeLeft(plan, name);
  if (maxRemove !== undefined) requireAtMost(maxRemove, plan.remove.length);
  return { ...plan, digest: sha256Of(ctx, utf8Encode(canonicalJson(planDocument(plan)))) };
}

function unreadable(name: string, faults: readonly string[]): SnapshotError {
  const more = faults.length > MAX_FAULTS ? [`and ${faults.length - MAX_FAULTS} more`] : [];
  const list = [...faults.slice(0, MAX_FAULTS), ...more].join('\n  ');
  return new SnapshotError('usage', `cannot read snapshots from '${name}':\n  ${list}`, {
    hint: 'Write a JSON list of {"id": "a", "time": "2026-01-05T13:00:00Z", "labels": ["release=yes"]}.',
  });
}
