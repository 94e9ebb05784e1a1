import type { ByteString } from '../../core/byte-string.ts';
import type { Painter } from '../terminal/output.ts';
import type { ChangedFile } from './changed-file.ts';
import { displayPatch, patchText } from './patch.ts';
import { plural } from './quantities.ts';

/** How much of a patch is shown. */
export interface PatchBounds {
  readonly maxLines: number;
  readonly maxLineBytes: number;
}

/** The lines of a change, as a terminal may show them, and how many more there would be. */
export function boundedPatch(
  out: Painter,
  file: ChangedFile,
  { maxLines, maxLineBytes }: PatchBounds,
): { readonly lines: readonly string[]; readonly left: number } {
  const edits = fewestEdits(file);
  if (edits > MAX_EDITS) return { lines: [`not shown: at least ${plural(edits, 'line')} differ`], left: 0 };
  // Cut before it is escaped and coloured: behind that there is no telling where.
  const lines = patchText(file).split('\n').slice(0, -1);
  const shown = lines.slice(0, maxLines).map((line) => `${cutLine(line, maxLineBytes)}\n`);
  return { lines: displayPatch(out, shown.join('')), left: Math.max(0, lines.length - maxLines) };
}

/** To compare more takes seconds for each file. */
const MAX_EDITS = 3000;

/** At least so many lines differ: those that are on one side only. */
function fewestEdits({ before, after }: ChangedFile): number {
  if (before === undefined || after === undefined) return 0;
  const [old, now] = [before.split('\n'), after.split('\n')];
  const [oldSet, nowSet] = [new Set(old), new Set(now)];
  return old.filter((line) => !nowSet.has(line)).length + now.filter((line) => !oldSet.has(line)).length;
}

/** A line cut between characters, with a word on what is missing. */
export function cutLine(line: ByteString, maxBytes: number): ByteString {
  if (line.length <= maxBytes) return line;
  let end = maxBytes;
  while (end > maxBytes - 4 && isContinuation(line, end)) end -= 1;
  return `${line.slice(0, end)} [${plural(line.length - end, 'more byte')}]`;
}

/** Whether a byte goes on with a character of UTF-8. */
function isContinuation(line: ByteString, at: number): boolean {
  return (line.charCodeAt(at) & 0xc0) === 0x80;
}
