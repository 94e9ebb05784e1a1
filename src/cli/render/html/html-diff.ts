import { diffWordsWithSpace, structuredPatch } from 'diff';
import type { ByteString } from '../../../core/byte-string.ts';
import { cutLine } from '../bounded-patch.ts';
import { lineText } from '../changed-file.ts';
import { formatCount, plural } from '../quantities.ts';
import { type Html, html } from './html-text.ts';

// A page that a browser can hold, made in seconds.
const MAX_ROWS = 1000;
const MAX_LINE_BYTES = 1000;
const MAX_WORD_LINE_CHARS = 500;
const LINE_LIMITS = { context: 3, maxEditLength: 1000, timeout: 1000 };
const WORD_LIMITS = { maxEditLength: 200, timeout: 200 };
/** Lines that have less than this in common are not two versions of one line. */
const MIN_IN_COMMON = 0.3;

/** The lines that differ, side by side; both contents from their beginning where too many do to be compared. */
export function diffTable(before: ByteString | undefined, after: ByteString | undefined): Html {
  const hunks = hunksOf(before, after);
  const sides = { hasBefore: before !== undefined, hasAfter: after !== undefined };
  const isPair = sides.hasBefore && sides.hasAfter;
  let left = MAX_ROWS;
  let omitted = 0;
  const bodies = hunks.map((hunk) => {
    const rows = hunkRows(hunk);
    const shown = rows.slice(0, left);
    left -= shown.length;
    omitted += rows.length - shown.length;
    if (shown.length === 0) return undefined;
    return html`<tbody>${isPair ? hunkTitle(hunk) : undefined}${shown.map((row) => rowMarkup(row, sides))}</tbody>`;
  });
  const heads = [...(sides.hasBefore ? ['Before'] : []), ...(sides.hasAfter ? ['After'] : [])];
  return html`<table class="diff${isPair ? '' : ' one'}"><caption class="hidden">Lines that differ</caption>
<colgroup>${heads.map(() => html`<col class="num"><col>`)}</colgroup>
<thead class="hidden"><tr>${heads.map((head) => html`<th scope="col">Line</th><th scope="col">${head}</th>`)}</tr></thead>
${bodies}</table>${omitted > 0 ? html`<p class="more">… ${plural(omitted, 'more line')}</p>` : undefined}`;
}

function hunksOf(before: ByteString | undefined, after: ByteString | undefined): readonly Hunk[] {
  if (before !== undefined && after !== undefined) {
    const patch = structuredPatch('', '', before, after, undefined, undefined, LINE_LIMITS);
    if (patch !== undefined) return patch.hunks;
  }
  return [{ oldStart: 1, newStart: 1, lines: [...wholeOf('-', before), ...wholeOf('+', after)] }];
}

/** All lines of one side, as a hunk has them. */
function wholeOf(sign: '-' | '+', content: ByteString | undefined): string[] {
  const lines = content?.split('\n') ?? [];
  const last = lines.pop() ?? '';
  return [...lines.map((line) => sign + line), ...(last === '' ? [] : [sign + last, '\\'])];
}

function hunkTitle({ oldStart, newStart }: Hunk): Html {
  const lines =
    oldStart === newStart
      ? `Line ${formatCount(oldStart)}`
      : `Lines ${formatCount(oldStart)} and ${formatCount(newStart)}`;
  return html`<tr class="hunk"><th colspan="4" scope="rowgroup">${lines} on</th></tr>
`;
}

interface Cell {
  /** Undefined: a remark on the line above. */
  readonly number: number | undefined;
  readonly text: string;
}

interface Row {
  readonly kind: 'same' | 'change';
  readonly before: Cell | undefined;
  readonly after: Cell | undefined;
}

interface Hunk {
  readonly oldStart: number;
  readonly newStart: number;
  readonly lines: readonly string[];
}

/** The lines of a hunk in pairs: of what was taken out and put in at one place, the first with the first and so on. */
function hunkRows({ oldStart, newStart, lines }: Hunk): Row[] {
  const rows: Row[] = [];
  let [oldLine, newLine] = [oldStart, newStart];
  let removed: Cell[] = [];
  let added: Cell[] = [];
  let last = removed;
  const flush = () => {
    for (let i = 0; i < Math.max(removed.length, added.length); i++)
      rows.push({ kind: 'change', before: removed[i], after: added[i] });
    [removed, added] = [[], []];
  };
  for (const line of lines) {
    const text = lineText(cutLine(line.slice(1), MAX_LINE_BYTES));
    if (line.startsWith('-')) {
      removed.push({ number: oldLine++, text });
      last = removed;
    } else if (line.startsWith('+')) {
      added.push({ number: newLine++, text });
      last = added;
    } else if (line.startsWith('\\')) {
      last.push({ number: undefined, text: '(no line feed at the end)' });
    } else {
      flush();
      rows.push({ kind: 'same', before: { number: oldLine++, text }, after: { number: newLine++, text } });
    }
  }
  flush();
  return rows;
}

function rowMarkup(
  { kind, before, after }: Row,
  { hasBefore, hasAfter }: { hasBefore: boolean; hasAfter: boolean },
): Html {
  const marked = kind === 'change' ? markWords(before, after) : undefined;
  const oldText = marked?.before ?? html`${before?.text}`;
  const newText = marked?.after ?? html`${after?.text}`;
  return html`<tr${kind === 'same' ? html` class="same"` : undefined}>${hasBefore ? cells(before, oldText, kind === 'same' ? 'same' : 'del') : undefined}${hasAfter ? cells(after, newText, kind === 'same' ? 'same' : 'ins') : undefined}</tr>
`;
}

function cells(cell: Cell | undefined, text: Html, kind: 'same' | 'del' | 'ins'): Html {
  if (cell === undefined) return html`<td class="num none"></td><td class="none"></td>`;
  if (cell.number === undefined) return html`<td class="num"></td><td class="remark">${text}</td>`;
  // Not by colour alone: the sign is read out, and seen by who sees no colours.
  const sign = kind === 'same' ? '' : kind === 'del' ? '−' : '+';
  return html`<td class="num ${kind}">${cell.number}</td><td class="${kind}"><span class="sign">${sign}</span>${text}</td>`;
}

/** Both versions of a line with the words marked that differ; undefined where that says nothing. */
function markWords(before: Cell | undefined, after: Cell | undefined): { before: Html; after: Html } | undefined {
  if (before?.number === undefined || after?.number === undefined) return undefined;
  if (Math.max(before.text.length, after.text.length) > MAX_WORD_LINE_CHARS) return undefined;
  const words = diffWordsWithSpace(before.text, after.text, WORD_LIMITS);
  if (words === undefined) return undefined;
  const same = words.filter(({ added, removed }) => !added && !removed);
  const inCommon = same.reduce((sum, { value }) => sum + value.trim().length, 0);
  if (inCommon < MIN_IN_COMMON * Math.max(before.text.trim().length, after.text.trim().length)) return undefined;
  return {
    before: html`${words.filter(({ added }) => !added).map(({ removed, value }) => (removed ? html`<del>${value}</del>` : html`${value}`))}`,
    after: html`${words.filter(({ removed }) => !removed).map(({ added, value }) => (added ? html`<ins>${value}</ins>` : html`${value}`))}`,
  };
}
