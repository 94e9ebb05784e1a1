import type { Oid } from '../../core/oid.ts';
import type { PolicyChange } from '../../core/policy/diff.ts';
import type { Policy, PolicySource } from '../../core/policy/schema.ts';
import type { SignatureCount } from '../../core/policy/succession.ts';
import type { KeyId } from '../../core/signing.ts';
import type { StoredPolicy } from './read-policy.ts';

/** Of `policy apply`, `policy sign`, and the commands on keys. */
export interface PolicyOutcome {
  readonly outcome: 'in-force' | 'proposed';
  readonly version: number;
  readonly digest: string;
  readonly signatures: readonly SignatureCount[];
  /** The ref that others sign, where signatures are missing. */
  readonly proposal: string | undefined;
  /** Whether there is anywhere that it could be pushed to. */
  readonly hasRemote: boolean;
}

/** A policy that lacks signatures. */
export interface PolicyProposal {
  readonly ref: string;
  readonly version: number;
  readonly digest: string;
  /** It cannot follow the policy in force any more. */
  readonly isStale: boolean;
  readonly signatures: readonly SignatureCount[];
  readonly proposed: StoredPolicy;
}

/** One version in the policy's history. */
export interface PolicyVersionInfo {
  readonly version: number;
  readonly digest: string;
  readonly commit: Oid;
  /** The event by which it came into force; undefined if the log does not tell of it. */
  readonly since: { readonly seq: number; readonly atSec: number; readonly actor: string } | undefined;
  readonly signatures: readonly SignatureCount[];
  readonly changes: readonly PolicyChange[];
}

/** A key in the history of the policy. */
export interface KeyInfo {
  readonly key: KeyId;
  /** Whose it is, or was last. */
  readonly person: string;
  readonly status: 'active' | 'retired' | 'revoked';
  readonly fromVersion: number;
  /** The last version that has it. */
  readonly toVersion: number;
  /** Roles for all sets that its holder has or had last. */
  readonly roles: readonly string[];
  /** Why, and from which event on, it is not believed. */
  readonly revoked: { readonly reason: string; readonly since: number } | undefined;
  /** When it runs out, or ran out, in seconds since the epoch; undefined if it does not. */
  readonly expiresAtSec: number | undefined;
}

/** Of `policy show`. */
export interface PolicyVersionDocument {
  readonly version: number;
  readonly digest: string;
  readonly commit: Oid;
  readonly inForce: boolean;
  /** As it is stored. */
  readonly policy: Policy;
  /** As people write it, as the version that would follow. */
  readonly source: PolicySource;
}

/** Of `trust show` where there is no policy yet, and it was said which one may come. */
export interface TrustAhead {
  readonly repository: undefined;
  /** Digest of the first version of the only policy that is to be trusted here. */
  readonly root: { readonly found: undefined; readonly pinned: string };
}

/** Of `trust show`. */
export interface TrustStatus {
  /** Id of the snapshot repository. */
  readonly repository: string;
  /** Digest of the first version of the policy that is here, and of the one that this user trusts. */
  readonly root: { readonly found: string; readonly pinned: string | undefined };
  readonly policy: { readonly version: number; readonly digest: string };
  /** Number of the last event of the log that is here, as it says; undefined where its last commit is no event. Not verified. */
  readonly log: { readonly event: number | undefined };
  /** What was seen and verified in this clone. */
  readonly seen: { readonly policyVersion: number | undefined; readonly event: number | undefined };
}
