import { displayBytes } from '../../core/byte-string.ts';
import type { BytePath } from '../../core/entry.ts';
import type { GovernedSet } from '../context.ts';

/** What to say of an ignore file that has no say in a set. */
export function unreadRules(path: BytePath, { name, path: directory }: Pick<GovernedSet, 'name' | 'path'>): string {
  const why = path.startsWith(`${directory}/`) ? 'it is a link' : `it is not in '${displayBytes(directory)}/'`;
  return `'${displayBytes(path)}' leaves nothing out of set '${name}': ${why}`;
}
