import type { ByteString } from '../../core/byte-string.ts';
import { DIRECTORY, fileType } from '../../core/entry.ts';
import { SnapshotError } from '../../core/errors.ts';
import type { Change, ChangeSide } from '../../flows/results.ts';
import type { App } from '../app/app.ts';
import { type ChangedFile, isPrivateChange } from '../render/changed-file.ts';

/** Of one file, and of all: what is larger is only said to differ. */
const MAX_FILE_BYTES = 4 << 20;
const MAX_TOTAL_BYTES = 64 << 20;

/** Reads what one side of a change holds; undefined where it is larger than what is to be shown. */
export type ReadSide = (side: ChangeSide) => Promise<ByteString | undefined>;

/** Reads sides whose content is in the repository. */
export function storedSide(app: Pick<App, 'blob'>): ReadSide {
  return async ({ oid, size }) => (size > MAX_FILE_BYTES ? undefined : app.blob(oid, MAX_FILE_BYTES));
}

/** Reads sides whose content is in the directory of a set. */
export function liveSide(app: Pick<App, 'liveFile'>, set: string): ReadSide {
  return async ({ path, size }) => (size > MAX_FILE_BYTES ? undefined : app.liveFile({ set, path }, MAX_FILE_BYTES));
}

/**
 * Reads what changed files hold, as far as it can be shown.
 *
 * @param options.private - files that only their owner may read, too
 */
export async function readChangedFiles(
  changes: readonly Change[],
  { before, after, private: isAll }: { before: ReadSide; after: ReadSide; private: boolean },
): Promise<ChangedFile[]> {
  let leftBytes = MAX_TOTAL_BYTES;
  const read = async (side: ChangeSide | undefined, content: ReadSide): Promise<ByteString | undefined> => {
    if (side === undefined) return undefined;
    if (fileType(side.mode) === DIRECTORY) return '';
    if (side.size > leftBytes) return undefined;
    leftBytes -= side.size;
    try {
      return await content(side);
    } catch (error) {
      // Damaged or missing: the checks tell of it, and the page is needed all the more.
      if (error instanceof SnapshotError && ['untrusted', 'not-found'].includes(error.kind)) return undefined;
      throw error;
    }
  };
  const files: ChangedFile[] = [];
  for (const change of changes) {
    const isSame = change.status === 'P';
    if (!isAll && isPrivateChange(change)) {
      files.push({ change, before: undefined, after: undefined, isHidden: true });
      continue;
    }
    files.push({
      change,
      before: isSame ? undefined : await read(change.from, before),
      after: isSame ? undefined : await read(change.to, after),
    });
  }
  return files;
}
