import { escapeText } from '../../core/byte-string.ts';
import type { KindCount } from '../../core/snapshot/kinds.ts';
import { formatBytes, formatCount } from './quantities.ts';

/** Files and bytes of each kind, on one line. */
export function kindsText(kinds: readonly KindCount[]): string {
  return kinds
    .map(({ kind, files, bytes }) => `${escapeText(kind)} ${formatCount(files)} (${formatBytes(bytes)})`)
    .join(', ');
}
