import { displayBytes } from '../../../core/byte-string.ts';
import type { Change } from '../../../flows/results.ts';
import { PLAIN } from '../../terminal/output.ts';
import { boundedPatch } from '../bounded-patch.ts';
import type { ChangedFile } from '../changed-file.ts';
import { changeDetail, isTextChange, notShown, STATUS_WORDS } from '../changed-file.ts';
import { changeSummary } from '../changes.ts';
import { plural } from '../quantities.ts';
import type { BoundedText } from './markdown-bounds.ts';
import { clip, codeBlock, codeElement, codeSpan, plainOrCode } from './markdown-text.ts';

// Longer texts are cut: each part must leave room for the others.
const MAX_TEXT_CHARS = 500;
const PATCH_BOUNDS = { maxLines: 300, maxLineBytes: 400 };
const MAX_ITEMS = 50;

/** Text of a repository as a code span, cut to what a line can hold. */
export const span = (text: string) => codeSpan(clip(text, MAX_TEXT_CHARS));

/** The same as plain words where they can mean nothing in Markdown. */
export const words = (text: string) => plainOrCode(clip(text, MAX_TEXT_CHARS));

/** A list; of one that is too long, the beginning. */
export function bullets(items: readonly string[]): string {
  const left = items.length - MAX_ITEMS;
  const lines = items.slice(0, MAX_ITEMS).map((item) => `- ${item}`);
  return [...lines, ...(left > 0 ? [`- … ${plural(left, 'more line')}`] : [])].join('\n');
}

/** Something to unfold. The blank lines end the HTML, so that Markdown goes on inside. */
export function details(summary: string, content: string): string {
  return `<details><summary>${summary}</summary>\n\n${content}\n\n</details>`;
}

/** Adds every changed file, each to be unfolded, as far as there is room. */
export function addChanges(
  page: BoundedText,
  { changes, files }: { changes: readonly Change[]; files: readonly ChangedFile[] },
): void {
  page.add(`#### ${changes.length === 0 ? 'No changes: the content is the same' : changeSummary(changes)}`);
  page.addEach(
    files.map((file) => () => fileText(file)),
    (left) => `… ${plural(left, 'more file')}`,
  );
}

/** A file with its patch, or, where there is no room for that, without. */
function fileText(file: ChangedFile): readonly string[] {
  const { change } = file;
  const path = displayBytes(change.path);
  const head = `${STATUS_WORDS[change.status]}, ${changeDetail(change)}`;
  const line = `- ${span(path)}: ${head}`;
  if (change.status === 'P') return [line];
  if (!isTextChange(file)) return [[line, notShown(file)].filter((part) => part !== '').join(', ')];
  const { lines, left } = boundedPatch(PLAIN, file, PATCH_BOUNDS);
  const more = left > 0 ? `\n\n… ${plural(left, 'more line')}` : '';
  const summary = `${codeElement(clip(path, MAX_TEXT_CHARS))}: ${head}`;
  return [details(summary, `${codeBlock(lines, 'diff')}${more}`), `${line}, its lines are left out here`];
}
