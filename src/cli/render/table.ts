import type { Output, Painter, Tone } from '../terminal/output.ts';
import { isAscii, textWidth, truncate } from './text-width.ts';

/** A column of a {@link renderTable}. */
export interface Column<Row> {
  readonly title: string;
  readonly align?: 'right';
  readonly tone?: Tone | ((row: Row) => Tone);
  /** Left out where a terminal is too narrow for all columns, the last of such columns first. `--json` has it. */
  readonly spare?: true;
  /** The text of a cell, safe for a terminal. */
  text(row: Row): string;
}

/** A column with its texts. */
interface Measured<Row> {
  readonly column: Column<Row>;
  readonly texts: readonly string[];
  readonly widthOf: (text: string) => number;
  readonly width: number;
}

const MIN_LAST_CELLS = 12;
/** As much of the last column is worth more than what can be spared. */
const WANTED_LAST_CELLS = 24;
const GAP = '  ';

/**
 * Lines of a table with a heading. On a terminal that is too narrow, columns that can be spared are left out, and the last one is cut
 * at the edge; elsewhere nothing is.
 */
export function renderTable<Row>(
  out: Painter & Pick<Output, 'widthCells'>,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
): string[] {
  const room = out.widthCells ?? Number.POSITIVE_INFINITY;
  const measured = fitting(
    columns.map((column) => measure(column, rows)),
    room,
  );
  const before = measured.slice(0, -1).reduce((sum, { width }) => sum + width + GAP.length, 0);
  const rendered = measured.map(({ column, texts, widthOf, width }, i) => {
    const isLast = i === measured.length - 1;
    const cut = isLast && width > room - before ? Math.max(room - before, MIN_LAST_CELLS) : width;
    const cell = (text: string, tone: Tone) => {
      const shown = width > cut && widthOf(text) > cut ? truncate(text, cut) : text;
      const gap = isLast && column.align !== 'right' ? '' : ' '.repeat(cut - widthOf(shown));
      const painted = tone === 'plain' ? shown : out.tone(tone, shown);
      return column.align === 'right' ? gap + painted : painted + gap;
    };
    const { tone = 'plain' } = column;
    const toneOf = typeof tone === 'function' ? tone : () => tone;
    const cells = texts.map((text, row) => cell(text, toneOf(rows[row] as Row)));
    return { title: cell(column.title, 'plain'), cells };
  });
  const line = (parts: readonly string[]) => parts.join(GAP).trimEnd();
  return [
    out.tone('strong', line(rendered.map(({ title }) => title))),
    ...rows.map((_, row) => line(rendered.map(({ cells }) => cells[row] ?? ''))),
  ];
}

function measure<Row>(column: Column<Row>, rows: readonly Row[]): Measured<Row> {
  const texts = rows.map((row) => column.text(row));
  // Almost always they are all ASCII, which one look at all of them tells.
  const widthOf = isAscii(texts.join('')) ? (text: string) => text.length : textWidth;
  const width = texts.reduce((most, text) => Math.max(most, widthOf(text)), column.title.length);
  return { column, texts, widthOf, width };
}

/** Those columns that fit, or none less that may be left out. The last one fits where enough of it can be seen. */
function fitting<Row>(measured: readonly Measured<Row>[], room: number): readonly Measured<Row>[] {
  const needed = measured.reduce(
    (sum, { width }, i) => sum + (i === measured.length - 1 ? Math.min(width, WANTED_LAST_CELLS) : width + GAP.length),
    0,
  );
  const spare = measured.findLastIndex(({ column }) => column.spare);
  return needed <= room || spare === -1 ? measured : fitting(measured.toSpliced(spare, 1), room);
}

/** Lines of `name: value` pairs, the values aligned. */
export function renderPairs(out: Painter, pairs: readonly (readonly [name: string, value: string])[]): string[] {
  const width = Math.max(...pairs.map(([name]) => name.length));
  return pairs.map(([name, value]) => `${out.tone('dim', `${name}:`.padEnd(width + 1))} ${value}`);
}
