import { displayBytes } from '../../core/byte-string.ts';
import type { BytePath } from '../../core/entry.ts';
import { DIRECTORY, fileType } from '../../core/entry.ts';
import { SnapshotError } from '../../core/errors.ts';
import type { Oid } from '../../core/oid.ts';
import type { SnapshotFate } from '../../core/retention/ledger.ts';
import { parseSnapshotTag } from '../../core/snapshot/snapshot-tag.ts';
import { snapshotEntries } from '../snapshot/snapshot-entries.ts';
import type { RetentionScene } from './scene.ts';

/**
 * Every snapshot of the set, in the trash or not, that holds what a path is in one of these, under whatever name.
 *
 * @throws {SnapshotError} of kind `not-found` if none of them has the path, or it is a directory
 */
export async function holdersOfContent(
  scene: RetentionScene,
  named: readonly SnapshotFate[],
  path: BytePath,
): Promise<readonly SnapshotFate[]> {
  const { ctx, log, set } = scene;
  const wanted = new Set<Oid>();
  for (const fate of named)
    for (const entry of await entriesOf(scene, fate))
      if (entry.path === path && fileType(entry.mode) !== DIRECTORY) wanted.add(entry.oid);
  if (wanted.size === 0) {
    throw new SnapshotError('not-found', `no file '${displayBytes(path)}' in what is to be erased`, {
      hint: 'Paths are relative to the directory of the set; see "git snapshot manifest".',
    });
  }
  const there = log.retention.fates(set.name).filter(({ place }) => place === 'kept' || place === 'trash');
  const holders: SnapshotFate[] = [];
  const progress = ctx.report.phase('Looking for the content');
  for (const [i, fate] of there.entries()) {
    const entries = await entriesOf(scene, fate);
    if (entries.some(({ oid, mode }) => fileType(mode) !== DIRECTORY && wanted.has(oid))) holders.push(fate);
    progress(i + 1, there.length);
  }
  return holders;
}

async function entriesOf({ ctx }: RetentionScene, { snapshot: { id, tag } }: SnapshotFate) {
  const { body } = await ctx.store.readObject(tag);
  const { tree, modes } = parseSnapshotTag(body, ctx.store.format, `'${id}'`).snapshot;
  return (await snapshotEntries(ctx, { tree, modes, what: `'${id}'` })).entries;
}
