import type { ReviewedSnapshot, ReviewResult } from '../../flows/promotion/review-result.ts';
import { isoTime } from '../render/times.ts';
import { gateJson } from './gates.ts';
import { holdAfterJson, promotionJson } from './promotion.ts';
import { changeJson, countChanges, snapshotJson } from './snapshot.ts';

/** Of `review --json`. */
export function reviewJson(result: ReviewResult) {
  const { promotion, rules, live, before, changes, missing, origin, policy, nextFreeze } = result;
  return {
    ok: result.isSound,
    promotion: promotionJson(promotion),
    body: result.body ?? null,
    rules: {
      from: rules.from ?? null,
      approvals: promotion.action === 'rollback' ? rules.rollbackApprovals : rules.approvals,
      excludeAuthor: rules.excludeAuthor,
      excludePromoter: rules.excludePromoter,
      rejections: rules.rejections,
      gates: rules.gates,
      soakSec: rules.soakSec,
      breakGlass: rules.breakGlass,
    },
    live: live === undefined ? null : { number: live.number, snapshot: live.snapshot },
    checks: checksJson(result.checks),
    contentVerified: result.isDeep,
    snapshot: sideJson(result.snapshot),
    before: before === undefined ? null : sideJson(before),
    counts: changes === undefined ? null : countChanges(changes),
    changes: changes === undefined ? null : changes.map(changeJson),
    gates: result.gates.map(({ name, type, isRequired, recorded, rerun }) => ({
      name,
      type: type ?? null,
      required: isRequired,
      recorded: recorded === undefined ? null : { verdict: recorded.verdict, evidence: recorded.evidence },
      rerun: rerun === undefined ? null : gateJson(rerun),
    })),
    signers: result.signers.map(({ deed, person, name, key, atSec, reason, leftOut }) => ({
      deed: DEEDS[deed],
      person,
      name: name ?? null,
      key,
      at: isoTime(atSec),
      reason: reason ?? null,
      leftOut: leftOut ?? null,
    })),
    missing: {
      approvals: missing.count,
      people: missing.people.map(({ person }) => person),
      rejectedBy: missing.rejectedBy,
    },
    origin:
      origin === undefined
        ? null
        : {
            environment: origin.environment,
            snapshot: origin.snapshot ?? null,
            same: origin.isSame,
            soakLeftSec: origin.soakLeftSec ?? null,
          },
    hold: result.hold === undefined ? null : holdAfterJson(result.hold),
    frozen: result.frozen,
    nextFreeze: nextFreeze === undefined ? null : { name: nextFreeze.name, at: isoTime(nextFreeze.atSec) },
    policy: {
      made: { version: policy.made.version, digest: policy.made.digest },
      current: { version: policy.current.version, digest: policy.current.digest },
    },
  };
}

const DEEDS = {
  'took the snapshot': 'snapshot',
  promoted: 'promote',
  approved: 'approve',
  rejected: 'reject',
} as const;

function sideJson({ id, number, info, checks }: ReviewedSnapshot) {
  return { id, number, info: info === undefined ? null : snapshotJson(info), checks: checksJson(checks) };
}

function checksJson(checks: ReviewedSnapshot['checks']) {
  return checks.map(({ check, ok, detail }) => ({ check, ok, detail }));
}
