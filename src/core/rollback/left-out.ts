import type { BytePath } from '../entry.ts';
import { parentOf } from './check-target.ts';

/**
 * Those of these entries that a scan has left out: a snapshot may hold what rules that came later keep out of snapshots.
 *
 * @param excluded - what the scan left out: files, links, and directories with all that is in them
 */
export function leftOutOf<E extends { readonly path: BytePath }>(
  entries: readonly E[],
  excluded: readonly { readonly path: BytePath }[],
): E[] {
  if (excluded.length === 0) return [];
  const paths = new Set(excluded.map(({ path }) => path));
  return entries.filter(({ path }) => {
    for (let at = path; at !== ''; at = parentOf(at)) if (paths.has(at)) return true;
    return false;
  });
}
