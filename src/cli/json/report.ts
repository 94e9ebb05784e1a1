import type { RepositoryReport, SetReport } from '../../flows/report/results.ts';
import { isoTime } from '../render/times.ts';
import { holdJson, trashJson } from './keeping.ts';
import { levelsJson } from './levels.ts';
import { keyJson } from './policy.ts';
import { environmentJson, promotionJson } from './promotion.ts';
import { pathJson } from './snapshot.ts';

/** Of `report --json`. */
export function reportJson(report: RepositoryReport) {
  const { atSec, sinceSec, proof, policyExpiresAtSec, keys, levels, sets } = report;
  return {
    at: isoTime(atSec),
    since: isoTime(sinceSec),
    ok: proof.findings.length === 0,
    proof: {
      repository: proof.repository,
      policy: { ...proof.policy },
      log: { ...proof.log, digest: proof.log.digest ?? null },
      findings: proof.findings.map(({ rule, object, detail }) => ({ rule, object, detail })),
    },
    policyExpires: policyExpiresAtSec === undefined ? null : isoTime(policyExpiresAtSec),
    keys: keys.map(keyJson),
    levels: levelsJson(levels),
    sets: sets.map(setJson),
    promotions: report.promotions.map(promotionJson),
    rollbacks: report.rollbacks,
    rehearsals: report.rehearsals,
    events: report.events.map(({ type, count }) => ({ type, count })),
  };
}

function setJson({ set, path, environments, kept, keptBytes, newest, holds, trash, retention }: SetReport) {
  return {
    set,
    ...pathJson(path),
    environments: environments.map(environmentJson),
    kept,
    keptBytes,
    newest: newest.map(({ atSec, ...snapshot }) => ({ ...snapshot, at: isoTime(atSec) })),
    holds: holds.map(holdJson),
    trash: trash.map(trashJson),
    retention: 'fault' in retention ? { fault: retention.fault } : { remove: retention.remove, drop: retention.drop },
  };
}
