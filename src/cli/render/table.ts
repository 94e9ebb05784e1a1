import type { Output, Painter, Tone } from '../terminal/output.ts';
import { textWidth, truncate } from './text-width.ts';

/** A column of a {@link renderTable}. */
export interface Column<Row> {
  readonly title: string;
  readonly align?: 'right';
  readonly tone?: Tone;
  /** The text of a cell, safe for a terminal. */
  text(row: Row): string;
}

const MIN_LAST_CELLS = 12;

/** Lines of a table with a heading. On a terminal the last column is cut at its edge; elsewhere nothing is. */
export function renderTable<Row>(out: Output, columns: readonly Column<Row>[], rows: readonly Row[]): string[] {
  const widths = columns.map(({ title }) => title.length);
  const cells = rows.map((row) =>
    columns.map((column, i): Cell => {
      const text = column.text(row);
      const width = textWidth(text);
      if (width > (widths[i] ?? 0)) widths[i] = width;
      return { text, width };
    }),
  );
  const last = columns.length - 1;
  const before = widths.slice(0, last).reduce((sum, width) => sum + width + 2, 0);
  const room =
    out.widthCells === undefined ? Number.POSITIVE_INFINITY : Math.max(out.widthCells - before, MIN_LAST_CELLS);

  const line = (texts: readonly Cell[], tone: (i: number, text: string) => string) => {
    let joined = '';
    for (const [i, { text, width }] of texts.entries()) {
      const gap = ' '.repeat((widths[i] ?? 0) - width);
      const shown = tone(i, i === last && width > room ? truncate(text, room) : text);
      joined += `${i === 0 ? '' : '  '}${columns[i]?.align === 'right' ? gap + shown : shown + (i === last ? '' : gap)}`;
    }
    return joined.trimEnd();
  };
  const titles = columns.map(({ title }) => ({ text: title, width: title.length }));
  return [
    out.tone(
      'strong',
      line(titles, (_, text) => text),
    ),
    ...cells.map((row) => line(row, (i, text) => out.tone(columns[i]?.tone ?? 'plain', text))),
  ];
}

/** A text and the cells that it takes. */
interface Cell {
  readonly text: string;
  readonly width: number;
}

/** Lines of `name: value` pairs, the values aligned. */
export function renderPairs(out: Painter, pairs: readonly (readonly [name: string, value: string])[]): string[] {
  const width = Math.max(...pairs.map(([name]) => name.length));
  return pairs.map(([name, value]) => `${out.tone('dim', `${name}:`.padEnd(width + 1))} ${value}`);
}
