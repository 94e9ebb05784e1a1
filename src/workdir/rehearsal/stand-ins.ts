import { closeSync, mkdirSync, openSync } from 'node:fs';
import type { ByteString } from '../../core/byte-string.ts';
import { parentOf } from '../../core/rollback/check-target.ts';
import type { ExcludedPath } from '../../core/workdir.ts';
import { at, isSystemError } from '../replace/disk.ts';

/**
 * Makes something empty for each path that ignore rules leave out, where nothing is: what is in the way of a rollback
 * in the real directory is then in its way in the copy, too.
 */
export function makeStandIns(root: ByteString, excluded: readonly Pick<ExcludedPath, 'path' | 'directory'>[]): void {
  for (const { path, directory } of excluded) {
    const parent = parentOf(path);
    try {
      mkdirSync(at(parent === '' ? root : `${root}/${parent}`), { recursive: true });
      if (directory) mkdirSync(at(`${root}/${path}`));
      else closeSync(openSync(at(`${root}/${path}`), 'wx'));
    } catch (error) {
      if (!isSystemError(error, 'EEXIST', 'ENOTDIR')) throw error;
    }
  }
}
