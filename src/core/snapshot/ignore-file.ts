import { type BytePath, FILE, fileType } from '../entry.ts';

/** The name of the files that hold rules, in any directory of a set. */
export const IGNORE_FILE = '.snapshotignore';

/** Whether an entry is a file of rules. As in git, a link is none. */
export function isIgnoreFile({ path, mode }: { readonly path: BytePath; readonly mode: number }): boolean {
  return fileType(mode) === FILE && (path === IGNORE_FILE || path.endsWith(`/${IGNORE_FILE}`));
}
