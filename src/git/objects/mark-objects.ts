import type { Oid } from '../../core/oid.ts';
import type { Repository } from '../open-repository.ts';
import { markUsed, type PackSet } from '../pack/pack-set.ts';
import { describeObjects } from './describe-objects.ts';
import { objectName } from './object-name.ts';

/**
 * Which of these objects the repository has already, so that they need not be stored again. Those of its
 * own are marked as just used, or a `git gc` at the wrong moment might still delete what no ref reaches yet.
 */
export async function markPresent(
  { repository, packs }: { repository: Repository; packs: PackSet },
  oids: readonly Oid[],
): Promise<Set<Oid>> {
  // Git has the empty tree always, stored or not; but its fsck, and other readers, want it stored.
  const emptyTree = objectName(repository.format, 'tree', new Uint8Array());
  const asked = oids.filter((oid) => oid !== emptyTree);
  const present = new Set((await describeObjects(repository, asked)).keys());
  if (present.size > 0) packs.refresh();
  for (const oid of present) {
    // Neither, where an alternate has it: that is its owner's to keep.
    if (!packs.keeps(oid)) markUsed(`${repository.objectDirectory}/${oid.slice(0, 2)}/${oid.slice(2)}`);
  }
  return present;
}
