import { utf8Encode } from '../../core/byte-string.ts';
import { SnapshotError } from '../../core/errors.ts';
import { DEFAULT_SET } from '../../core/policy/default-set.ts';
import type { Policy } from '../../core/policy/schema.ts';
import { DEFAULT_KEPT_RELEASES } from '../../core/rollback/releases.ts';
import type { GovernedSet } from '../context.ts';

/**
 * The set that a command is about: the one named, else the only one, else `artifacts`.
 *
 * @throws {SnapshotError} `not-found` or `usage`, listing the sets there are
 */
export function governedSet(policy: Policy, name: string | undefined): GovernedSet {
  const names = Object.keys(policy.sets);
  const chosen = name ?? (names.length === 1 ? names[0] : names.find((candidate) => candidate === DEFAULT_SET));
  if (chosen === undefined) {
    throw new SnapshotError('usage', 'this repository has several sets', {
      hint: `Name one with --set: ${names.join(', ')}.`,
    });
  }
  const set = Object.hasOwn(policy.sets, chosen) ? policy.sets[chosen] : undefined;
  if (set === undefined) {
    throw new SnapshotError('not-found', `there is no set '${chosen}'`, {
      hint: `The policy has: ${names.join(', ')}.`,
    });
  }
  const releases = set.layout === 'releases' ? { keep: set.keepReleases ?? DEFAULT_KEPT_RELEASES } : undefined;
  return { name: chosen, path: utf8Encode(set.path), exclude: set.exclude, releases };
}
