import { type BytePath, DIRECTORY, fileType } from '../../core/entry.ts';
import { IGNORE_FILE } from '../../core/snapshot/ignore-file.ts';
import { childPath, parentOf } from '../native-path.ts';
import { findExclusion, type IgnoreRules } from './ignore-rules.ts';

/** The paths of those of these entries that the rules leave out, as a scan by them would. */
export function leftOutBy(
  rules: IgnoreRules,
  entries: readonly { readonly path: BytePath; readonly mode: number }[],
): Set<BytePath> {
  const known = new Map<BytePath, boolean>([['', false]]);
  const isOut = (directory: BytePath): boolean => {
    const found = known.get(directory);
    if (found !== undefined) return found;
    const is = isLeftOut(directory, true);
    known.set(directory, is);
    return is;
  };
  const isLeftOut = (path: BytePath, isDirectory: boolean): boolean => {
    const parent = parentOf(path);
    if (isOut(parent)) return true;
    // No rule leaves out a file of rules.
    if (!isDirectory && path === childPath(parent, IGNORE_FILE)) return false;
    return findExclusion(rules.in(parent), path, isDirectory) !== undefined;
  };
  return new Set(
    entries.filter(({ path, mode }) => isLeftOut(path, fileType(mode) === DIRECTORY)).map(({ path }) => path),
  );
}
