import type { ByteString } from '../../core/byte-string.ts';
import { FILE, fileType, SYMLINK } from '../../core/entry.ts';
import type { ReleaseRecord } from '../../core/rollback/release-record.ts';
import { lstat } from '../replace/disk.ts';
import { holdsBlob } from '../replace/holds-blob.ts';
import { sameContent } from '../replace/marks.ts';
import type { Rescue } from '../replace/rescue.ts';
import { walkFiles } from '../replace/tree.ts';

/**
 * Keeps of a release what is nowhere else: what programs wrote there since its record was made.
 *
 * @param options.beside - the release that is live: what that has under the same name, being the same file, is not lost
 * @param options.readAll - read each file; else only those whose times or sizes have changed. A stat proves nothing,
 *   since what is stored through a memory map moves no time until the system writes it out
 */
export function rescueRelease(
  release: ByteString,
  { content, others }: ReleaseRecord,
  { beside, rescue, readAll }: { beside: ByteString | undefined; rescue: Rescue; readAll: boolean },
): void {
  walkFiles(release, (file, path, stat) => {
    // A socket or FIFO has no content, and reading it might never end.
    if (fileType(stat.mode) !== FILE && fileType(stat.mode) !== SYMLINK) return;
    const known = content.get(path);
    if (known !== undefined) {
      const isUntouched = !readAll && stat.ino === known.mark.ino && sameContent(known.mark, stat);
      if (!isUntouched && !holdsBlob(file, known.oid)) rescue.keep(file, path);
      return;
    }
    const there = beside === undefined ? undefined : lstat(`${beside}/${path}`);
    if (there !== undefined && there.ino === stat.ino && there.dev === stat.dev) return;
    // It was handed on as it is: what became of it there is what programs wanted.
    const handedOn = others.get(path);
    if (handedOn === undefined || handedOn.ino !== stat.ino || !sameContent(handedOn, stat)) rescue.keep(file, path);
  });
}
