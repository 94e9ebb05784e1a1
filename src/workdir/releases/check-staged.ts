import { type ByteString, displayBytes } from '../../core/byte-string.ts';
import { type BytePath, DIRECTORY, fileType, permissions, SYMLINK } from '../../core/entry.ts';
import { SnapshotError } from '../../core/errors.ts';
import type { TargetEntry } from '../../core/rollback/plan.ts';
import type { ReleaseRecord } from '../../core/rollback/release-record.ts';
import { isDirectory, lstat } from '../replace/disk.ts';
import { holdsBlob } from '../replace/holds-blob.ts';
import { markOf } from '../replace/marks.ts';
import { walkNames } from '../replace/tree.ts';

/**
 * Reads a new release again from the disk, bit by bit, before anybody else can see it.
 *
 * @param entries - what it must hold, and nothing else
 * @throws {SnapshotError} of kind `conflict`
 */
export function checkStaged(release: ByteString, entries: readonly TargetEntry[]): ReleaseRecord['content'] {
  const content = new Map<BytePath, { oid: TargetEntry['oid']; mark: ReturnType<typeof markOf> }>();
  const refuse = (path: BytePath) =>
    new SnapshotError('conflict', `'${displayBytes(path)}' is not on the disk as it was written`, {
      hint: 'Nothing was changed. Check the disk, and that nothing else writes there; then run the command again.',
    });
  for (const { path, mode, oid } of entries) {
    const place = `${release}/${path}`;
    const stat = lstat(place);
    if (stat === undefined || fileType(stat.mode) !== fileType(mode)) throw refuse(path);
    if (fileType(mode) === DIRECTORY) continue;
    const hasPermissions = fileType(mode) === SYMLINK || permissions(stat.mode) === permissions(mode);
    if (!hasPermissions || !holdsBlob(place, oid)) throw refuse(path);
    content.set(path, { oid, mark: markOf(stat) });
  }
  if (!isDirectory(lstat(release))) throw refuse('.');
  walkNames(release, (_, path) => {
    if (!content.has(path)) throw refuse(path);
  });
  return content;
}
