import type { KeyId } from '../signing.ts';
import { rootPeople } from './roles.ts';
import type { Policy } from './schema.ts';

/** A policy may follow another only so: every fault, none if it may. Signatures are {@link missingSigners}' concern. */
export function successionFaults(former: Policy, next: Policy): string[] {
  const faults: string[] = [];
  if (next.repository !== former.repository) faults.push('repository: is another one');
  if (next.version !== former.version + 1)
    faults.push(`version: ${next.version}, must be ${former.version + 1}, one more than the policy before it`);
  for (const [key, { since }] of Object.entries(former.revoked ?? {})) {
    const kept = next.revoked?.[key as KeyId];
    if (kept === undefined) faults.push(`revoked.${key}: is missing, and a revocation stays`);
    else if (kept.since > since) faults.push(`revoked.${key}.since: is later than before (${since})`);
  }
  return faults;
}

/** How many root people have signed, of those that must. */
export interface SignatureCount {
  /** The version whose root people are counted. */
  readonly version: number;
  readonly signed: readonly string[];
  readonly threshold: number;
  /** Root people of that version who have not signed. */
  readonly others: readonly string[];
}

/**
 * Counts the signatures that a version has against those that it needs: the threshold of the version before it, and its own.
 *
 * @param signers - keys with a good signature over `next`
 */
export function countSignatures(former: Policy | undefined, next: Policy, signers: readonly KeyId[]): SignatureCount[] {
  return [former, next].flatMap((policy) => {
    if (policy === undefined) return [];
    const signed = rootPeople(policy, signers);
    const { people, threshold } = policy.roles.root;
    const others = [...new Set(people)].filter((person) => !signed.has(person));
    return { version: policy.version, signed: [...signed].sort(), threshold, others };
  });
}

/** Whether every threshold is reached. */
export function isSigned(counts: readonly SignatureCount[]): boolean {
  return counts.every(({ signed, threshold }) => signed.length >= threshold);
}

/** Says of each threshold how far it is: `1 of 2 root people of version 3 (ada)`. */
export function describeCounts(counts: readonly SignatureCount[]): string {
  return counts
    .map(({ version, signed, threshold }) => {
      const names = signed.length === 0 ? '' : ` (${signed.join(', ')})`;
      return `${signed.length} of ${threshold} root people of version ${version}${names}`;
    })
    .join(', ');
}

/** The signatures that are still missing, for people: one line a threshold. */
export function missingSignatures(counts: readonly SignatureCount[]): string[] {
  return counts
    .filter(({ signed, threshold }) => signed.length < threshold)
    .map(({ version, signed, threshold, others }) => {
      const missing = threshold - signed.length;
      return `${missing} more of version ${version}: ${others.join(', ')}`;
    });
}
