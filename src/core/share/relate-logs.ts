import type { Oid } from '../oid.ts';

/**
 * How our log stands to a remote's: the remote's goes on where ours ends (`behind`), ours where the remote's ends
 * (`ahead`), or both went on from the same event (`diverged`). `unrelated`: not even the first is the same.
 */
export type LogRelation = 'same' | 'behind' | 'ahead' | 'diverged' | 'unrelated';

/**
 * Relates two chains of commits, oldest first.
 *
 * @returns how many they have in common, too
 */
export function relateLogs(
  ours: readonly Oid[],
  theirs: readonly Oid[],
): { readonly relation: LogRelation; readonly common: number } {
  const shorter = Math.min(ours.length, theirs.length);
  let common = 0;
  while (common < shorter && ours[common] === theirs[common]) common += 1;
  if (common === ours.length) return { relation: common === theirs.length ? 'same' : 'behind', common };
  if (common === theirs.length) return { relation: 'ahead', common };
  return { relation: common === 0 ? 'unrelated' : 'diverged', common };
}
