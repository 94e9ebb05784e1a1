import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileError } from '../files/file-error.ts';
import { fsPath } from '../files/fs-path.ts';
import type { Repository } from '../open-repository.ts';

/** Makes or removes the file whose presence tells the scripts in `hooks/` to look at every push. */
export function markProtecting({ commonDir }: Repository, on: boolean): void {
  const directory = `${commonDir}/snapshot`;
  const file = `${directory}/protect`;
  try {
    if (on) {
      mkdirSync(fsPath(directory), { recursive: true });
      writeFileSync(fsPath(file), '');
    } else rmSync(fsPath(file), { force: true });
  } catch (error) {
    throw fileError(error, on ? 'write' : 'remove', file);
  }
}
