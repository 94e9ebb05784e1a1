import type { PolicyChange } from '../../core/policy/diff.ts';
import type { SignatureCount } from '../../core/policy/succession.ts';
import type {
  KeyInfo,
  PolicyOutcome,
  PolicyProposal,
  PolicyVersionDocument,
  PolicyVersionInfo,
  TrustAhead,
  TrustStatus,
} from '../../flows/policy/results.ts';
import type { LogRepair, LogVerification } from '../../flows/results.ts';
import { isoTime } from '../render/times.ts';

/** Of `policy show --json`. */
export function policyJson({ version, digest, commit, inForce, policy }: PolicyVersionDocument) {
  return { version, digest, commit, inForce, policy };
}

/** Fields that differ between two policies. */
export function policyChangesJson(changes: readonly PolicyChange[]) {
  return changes.map(({ path, before, after }) => ({ path, before: before ?? null, after: after ?? null }));
}

function signaturesJson(counts: readonly SignatureCount[]) {
  return counts.map(({ version, signed, threshold, others }) => ({ version, signed, threshold, others }));
}

/** Of `policy apply --json`, `policy sign --json`, and the commands that change keys. */
export function policyOutcomeJson(result: PolicyOutcome) {
  return {
    outcome: result.outcome,
    version: result.version,
    digest: result.digest,
    signatures: signaturesJson(result.signatures),
    proposal: result.proposal ?? null,
  };
}

/** Of one version of `policy history --json`. */
export function policyVersionJson({ version, digest, commit, since, signatures, changes }: PolicyVersionInfo) {
  return {
    version,
    digest,
    commit,
    since: since === undefined ? null : { seq: since.seq, at: isoTime(since.atSec), actor: since.actor },
    signatures: signaturesJson(signatures),
    changes: policyChangesJson(changes),
  };
}

/** Of one entry of `policy proposals --json`. */
export function policyProposalJson({ ref, version, digest, isStale, signatures }: PolicyProposal) {
  return { ref, version, digest, stale: isStale, signatures: signaturesJson(signatures) };
}

/** Of one entry of `key list --json`. */
export function keyJson({ key, person, status, fromVersion, toVersion, roles, revoked, expiresAtSec }: KeyInfo) {
  const expires = expiresAtSec === undefined ? null : isoTime(expiresAtSec);
  return { key, person, status, fromVersion, toVersion, roles, revoked: revoked ?? null, expires };
}

/** Of `trust --json`. Where there is no policy yet, what could be told of it is null. */
export function trustJson(status: TrustStatus | TrustAhead) {
  if (status.repository === undefined) {
    const root = { found: null, pinned: status.root.pinned };
    const seen = { policyVersion: null, event: null };
    return { repository: null, root, policy: null, log: { event: null }, seen };
  }
  const { repository, root, policy, log, seen } = status;
  return {
    repository,
    root: { found: root.found, pinned: root.pinned ?? null },
    policy: { version: policy.version, digest: policy.digest },
    log: { event: log.event ?? null },
    seen: { policyVersion: seen.policyVersion ?? null, event: seen.event ?? null },
  };
}

/** Of `log --verify --json`. */
export function logVerificationJson({ ok, tip, events, voided, policyVersion, findings }: LogVerification) {
  return {
    ok,
    tip,
    events,
    policyVersion,
    voided: voided.map(({ commit, detail }) => ({ commit, detail })),
    findings: findings.map(({ rule, object, detail }) => ({ rule, object, detail })),
  };
}

/** Of `log repair --json`. */
export function logRepairJson({ outcome, seq, skipped, notes }: LogRepair) {
  return {
    outcome,
    seq: outcome === 'repaired' ? seq : null,
    skipped: skipped.map(({ commit, detail }) => ({ commit, detail })),
    notes,
  };
}
