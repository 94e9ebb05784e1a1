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

/** A column with its texts, the title first. */
interface Measured<Row> {
  readonly column: Column<Row>;
  readonly texts: readonly string[];
  /** Whether each of their characters takes one cell. */
  readonly isPlain: boolean;
  readonly width: number;
}

const MIN_LAST_CELLS = 12;
/** As much of the last column is worth more than what can be spared. */
const WANTED_LAST_CELLS = 24;
const GAP = '  ';

/**
 * Lines of a table with a heading. On a terminal that is too narrow, columns that can be spared are left out, and the last one is cut
 * at the edge; elsewhere nothing is.
 *
 * A table may have thousands of rows. So what is done to each cell is little, and mostly one step of the engine's own: a function
 * that does more is compiled anew when it has been called so often, and that takes longer than to print the table.
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
  const last = measured.length - 1;
  const before = measured.slice(0, last).reduce((sum, { width }) => sum + width + GAP.length, 0);
  const cells = measured.map((column, i) =>
    painted(out, column.column, {
      cells: i < last ? padded(column).map((cell) => cell + GAP) : lastCells(cutTo(column, room - before)),
      rows,
    }),
  );
  const lines = cells.reduce((left, right) => left.map((text, i) => text + right[i]));
  // The gap before a last cell with nothing in it is not printed.
  const trimmed = cells[last]?.includes('') ? lines.map((line) => line.trimEnd()) : lines;
  return [out.tone('strong', trimmed[0] ?? '')].concat(trimmed.slice(1));
}

function lastCells<Row>(measured: Measured<Row>): readonly string[] {
  return measured.column.align === 'right' ? padded(measured) : measured.texts;
}

/** The texts of a column, all as wide as it is. */
function padded<Row>({ column: { align }, texts, isPlain, width }: Measured<Row>): readonly string[] {
  if (isPlain) return texts.map(align === 'right' ? (text) => text.padStart(width) : (text) => text.padEnd(width));
  const gap = (text: string) => ' '.repeat(width - textWidth(text));
  return texts.map(align === 'right' ? (text) => gap(text) + text : (text) => text + gap(text));
}

/** The cells in their colours, but for that of the title. */
function painted<Row>(
  out: Painter,
  { tone = 'plain' }: Column<Row>,
  { cells, rows }: { readonly cells: readonly string[]; readonly rows: readonly Row[] },
): readonly string[] {
  if (tone === 'plain') return cells;
  const toneOf = typeof tone === 'function' ? tone : () => tone;
  return cells.map((cell, i) => (i === 0 ? cell : out.tone(toneOf(rows[i - 1] as Row), cell)));
}

/** The last column, cut where it is wider than the room that is left, but never to nothing. */
function cutTo<Row>(measured: Measured<Row>, room: number): Measured<Row> {
  if (measured.width <= room) return measured;
  const width = Math.max(room, MIN_LAST_CELLS);
  return { ...measured, texts: measured.texts.map((text) => truncate(text, width)), isPlain: false, width };
}

function measure<Row>(column: Column<Row>, rows: readonly Row[]): Measured<Row> {
  // Not by spreading, which goes through the list step by step.
  const texts = [column.title].concat(rows.map((row) => column.text(row)));
  // Almost always they are, which one look at all of them tells.
  const isPlain = isAscii(texts.join(''));
  const width = isPlain
    ? texts.reduce((most, { length }) => Math.max(most, length), 0)
    : texts.reduce((most, text) => Math.max(most, textWidth(text)), 0);
  return { column, texts, isPlain, width };
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
