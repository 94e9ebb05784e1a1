import { closeSync, mkdirSync, openSync, symlinkSync } from 'node:fs';
import type { ByteString } from '../../core/byte-string.ts';
import { parentOf } from '../../core/rollback/check-target.ts';
import type { LeftOut } from '../../core/workdir.ts';
import { at, isSystemError } from '../replace/disk.ts';

/** Leads nowhere, and out of any set: no snapshot can hold a link to it. */
const OUTSIDE = '/git-snapshot-stand-in';

/**
 * Makes something for each path that is in no snapshot, where nothing is: what is in the way of a rollback in the real
 * directory is then in its way in the copy, too. What ignore rules leave out is empty there; what no snapshot can hold is a
 * link that none can hold either.
 */
export function makeStandIns(root: ByteString, { excluded, unfit }: LeftOut): void {
  for (const { path, directory } of excluded) {
    stand(root, path, (place) => {
      if (directory) mkdirSync(at(place));
      else closeSync(openSync(at(place), 'wx'));
    });
  }
  for (const { path } of unfit) stand(root, path, (place) => symlinkSync(OUTSIDE, at(place)));
}

function stand(root: ByteString, path: ByteString, make: (place: ByteString) => void): void {
  const parent = parentOf(path);
  try {
    mkdirSync(at(parent === '' ? root : `${root}/${parent}`), { recursive: true });
    make(`${root}/${path}`);
  } catch (error) {
    if (!isSystemError(error, 'EEXIST', 'ENOTDIR')) throw error;
  }
}
