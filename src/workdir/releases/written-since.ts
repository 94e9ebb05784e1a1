import type { ByteString } from '../../core/byte-string.ts';
import type { BytePath } from '../../core/entry.ts';
import type { ReleaseRecord } from '../../core/rollback/release-record.ts';
import type { FileStat } from '../../core/workdir.ts';
import { lstat } from '../replace/disk.ts';
import { holdsBlob } from '../replace/holds-blob.ts';
import { hasContent, isSameFile, sameContent } from '../replace/marks.ts';
import type { Rescue } from '../replace/rescue.ts';
import { walkFiles } from '../replace/tree.ts';

/** What a file of a release is compared with. */
export interface Known {
  readonly record: ReleaseRecord;
  /** The directory that is live: what that has under the same name, being the same file, is not lost. */
  readonly beside: ByteString;
  /**
   * Whether to read each file; else only those whose times or sizes have changed. A stat proves nothing, since what is
   * stored through a memory map moves no time until the system writes it out.
   */
  readonly readAll: boolean;
}

/** Keeps of a release that stays what programs wrote there since its record was made. */
export function keepWritten(release: ByteString, { rescue, ...known }: Known & { readonly rescue: Rescue }): void {
  walkFiles(release, (file, path, stat) => {
    if (hasContent(stat) && isWritten({ file, path, stat }, known)) rescue.keep(file, path);
  });
}

/** Whether a program wrote what a file or link of a release holds since the record was made, so that it is nowhere else. */
export function isWritten(
  { file, path, stat }: { readonly file: ByteString; readonly path: BytePath; readonly stat: FileStat },
  { record, beside, readAll }: Known,
): boolean {
  const stored = record.content.get(path);
  if (stored !== undefined) {
    const isUntouched = !readAll && stat.ino === stored.mark.ino && sameContent(stored.mark, stat);
    return !isUntouched && !holdsBlob(file, stored.oid);
  }
  if (isSameInLive(path, stat, beside)) return false;
  // It was handed on as it is: what became of it there is what programs wanted.
  const handedOn = record.others.get(path);
  return handedOn === undefined || handedOn.ino !== stat.ino || !sameContent(handedOn, stat);
}

/** Whether the live directory has the very file under the same name. */
export function isSameInLive(path: BytePath, stat: FileStat, beside: ByteString): boolean {
  const there = lstat(`${beside}/${path}`);
  return there !== undefined && isSameFile(there, stat);
}
