import type { Oid } from '../oid.ts';
import type { KeyId } from '../signing.ts';
import type { Policy } from './schema.ts';

/** One version of the policy, judged and found good. */
export interface PolicyVersion {
  readonly policy: Policy;
  /** `sha256:` of its file. */
  readonly digest: string;
  readonly commit: Oid;
}

/**
 * Which version of the policy was in force at which place of the log.
 *
 * Order comes from the log alone: a version is in force from the event after the one that announced it.
 */
export class PolicyTimeline<Version extends PolicyVersion = PolicyVersion> {
  readonly #versions: readonly Version[];

  /** @param versions - all there are, beginning with version 1 */
  constructor(versions: readonly Version[]) {
    this.#versions = versions;
  }

  /** The version of this number, or undefined. */
  version(number: number): Version | undefined {
    return this.#versions[number - 1];
  }

  /** The newest version, whose revocations count for all places. */
  get latest(): Version {
    const latest = this.#versions.at(-1);
    if (latest === undefined) throw new RangeError('a policy has a first version');
    return latest;
  }

  /** The revocation that makes what `key` signed at place `seq` not count, or undefined. */
  revocation(key: KeyId, seq: number): { readonly reason: string; readonly since: number } | undefined {
    const revocation = this.latest.policy.revoked?.[key];
    return revocation !== undefined && seq >= revocation.since ? revocation : undefined;
  }
}
