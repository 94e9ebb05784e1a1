import type { Tally } from '../../core/promotion/tally.ts';
import type { GateCheck } from '../../flows/gates/results.ts';
import type {
  EnvironmentInfo,
  EnvironmentRollback,
  HoldAfterRollback,
  PromoteResult,
  PromotionInfo,
  ResumeResult,
} from '../../flows/promotion/results.ts';
import { isoTime } from '../render/times.ts';
import { gateJson } from './gates.ts';
import { rollbackJson } from './results.ts';

function tallyJson({ needed, approved, rejected, others }: Tally) {
  return { needed, approved, rejected, others };
}

/** Of `promote --json`. */
export function promoteJson(result: PromoteResult) {
  return {
    outcome: result.outcome,
    set: result.set,
    environment: result.environment,
    number: result.number,
    snapshot: result.snapshot,
    action: result.action,
    previous: result.previous ?? null,
    gates: result.gates.map(gateJson),
    approvals: tallyJson(result.tally),
    frozen: result.frozen,
    breakGlass: result.breakGlass,
  };
}

/** Of one entry of `promotions --json`. */
export function promotionJson(info: PromotionInfo) {
  return {
    set: info.set,
    environment: info.environment,
    number: info.number,
    ref: info.ref,
    tag: info.tag,
    snapshot: info.snapshot,
    payload: info.payload,
    action: info.action,
    status: info.status,
    promoter: info.promoter,
    author: info.author ?? null,
    at: isoTime(info.atSec),
    effectiveAt: info.effectiveAtSec === undefined ? null : isoTime(info.effectiveAtSec),
    reason: info.reason,
    gates: info.gates.map(({ name, verdict }) => ({ name, verdict })),
    opinions: info.opinions.map(({ person, decision, atSec, reason }) => ({
      person,
      decision,
      at: isoTime(atSec),
      reason: reason ?? null,
    })),
    approvals: tallyJson(info.tally),
    holds: info.holds,
    frozen: info.frozen,
    breakGlass: info.breakGlass,
  };
}

/** Of one entry of `environments --json`. */
export function environmentJson(info: EnvironmentInfo) {
  const { nextFreeze } = info;
  return {
    set: info.set,
    environment: info.environment,
    from: info.from ?? null,
    live: info.live === undefined ? null : promotionJson(info.live),
    pending: info.pending.map(promotionJson),
    soakLeftSec: info.soakLeftSec ?? null,
    hold: info.hold === undefined ? null : holdAfterJson(info.hold),
    frozen: info.frozen,
    nextFreeze: nextFreeze === undefined ? null : { name: nextFreeze.name, at: isoTime(nextFreeze.atSec) },
  };
}

/** What an environment is on hold for. */
export function holdAfterJson({ number, by, sinceSec, reason }: HoldAfterRollback) {
  return { number, by, since: isoTime(sinceSec), reason };
}

/** Of `resume --json`. */
export function resumeJson({ set, environment, hold, by, reason }: ResumeResult) {
  return { set, environment, hold: holdAfterJson(hold), by, reason };
}

/** Of `check --json`. */
export function checkJson({ set, snapshot, ok, gates }: GateCheck) {
  return { set, snapshot, ok, gates: gates.map(gateJson) };
}

/** Of `rollback --env --json`. */
export function environmentRollbackJson({ directory, promotion, isOnHold }: EnvironmentRollback) {
  return {
    directory: directory === undefined ? null : rollbackJson(directory),
    promotion: promoteJson(promotion),
    onHold: isOnHold,
  };
}
