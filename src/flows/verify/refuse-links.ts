import { displayBytes } from '../../core/byte-string.ts';
import { fileType, SYMLINK } from '../../core/entry.ts';
import { MalformedError } from '../../core/errors.ts';
import { MAX_PATH_BYTES, refuseLinkTarget } from '../../core/paths.ts';
import type { Verifying } from '../context.ts';
import type { TreeEntry } from '../snapshot/snapshot-entries.ts';

/**
 * Refuses symbolic links that lead out of the set, by what the repository holds of them: once one is on the disk, any
 * program may follow it. A link whose content is missing is passed over: that is for others to say.
 *
 * @param what - the snapshot, named in errors
 * @throws {MalformedError} for the first that may lead out
 */
export async function refuseLinks(
  ctx: Pick<Verifying, 'store'>,
  entries: readonly TreeEntry[],
  what: string,
): Promise<void> {
  const links = entries.filter(({ mode }) => fileType(mode) === SYMLINK);
  const described = await ctx.store.describeObjects(links.map(({ oid }) => oid));
  for (const { path, oid } of links) {
    const found = described.get(oid);
    if (found === undefined) continue;
    const reason =
      found.type !== 'blob' || found.size > MAX_PATH_BYTES
        ? 'a link that no system can make'
        : refuseLinkTarget(path, (await ctx.store.readObject(oid)).body);
    if (reason !== undefined) throw new MalformedError(what, `'${displayBytes(path)}' is ${reason}`);
  }
}
