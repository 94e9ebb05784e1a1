import { isOid, type Oid } from '../../core/oid.ts';
import type { ObjectDescription } from '../../core/ports.ts';
import type { Repository } from '../open-repository.ts';
import { runGit } from '../run-git.ts';
import { checkedType } from './read-objects.ts';

/** Type and size of those of these objects that the repository has, itself or through alternates. Reads no content. */
export async function describeObjects(
  repository: Repository,
  oids: readonly Oid[],
): Promise<Map<Oid, ObjectDescription>> {
  const found = new Map<Oid, ObjectDescription>();
  if (oids.length === 0) return found;
  const stdin = [...new Set(oids)].map((oid) => `${oid}\n`).join('');
  const { stdout } = await runGit(repository.place, ['cat-file', '--batch-check', '--buffer'], { stdin });
  for (const line of stdout.toString('latin1').split('\n')) {
    const [oid = '', type, size] = line.split(' ');
    // "<name> missing" has no third field.
    if (!isOid(oid, repository.format) || type === undefined || size === undefined) continue;
    found.set(oid, { type: checkedType(oid, type), size: Number(size) });
  }
  return found;
}
