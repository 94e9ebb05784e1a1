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
  const cells = rows.map((row) => columns.map((column) => column.text(row)));
  const widths = columns.map(({ title }, i) =>
    cells.reduce((max, row) => Math.max(max, textWidth(row[i] ?? '')), title.length),
  );
  const before = widths.slice(0, -1).reduce((sum, width) => sum + width + 2, 0);
  const room = out.widthCells === undefined ? undefined : Math.max(out.widthCells - before, MIN_LAST_CELLS);

  const line = (texts: readonly string[], heading: boolean) =>
    columns
      .map(({ align, tone }, i) => {
        const last = i === columns.length - 1;
        const text = last && room !== undefined ? truncate(texts[i] ?? '', room) : (texts[i] ?? '');
        const gap = ' '.repeat(Math.max(0, (widths[i] ?? 0) - textWidth(text)));
        const toned = heading ? text : out.tone(tone ?? 'plain', text);
        if (align === 'right') return gap + toned;
        return last ? toned : toned + gap;
      })
      .join('  ')
      .trimEnd();
  const titles = columns.map(({ title }) => title);
  return [out.tone('strong', line(titles, true)), ...cells.map((row) => line(row, false))];
}

/** Lines of `name: value` pairs, the values aligned. */
export function renderPairs(out: Painter, pairs: readonly (readonly [name: string, value: string])[]): string[] {
  const width = Math.max(...pairs.map(([name]) => name.length));
  return pairs.map(([name, value]) => `${out.tone('dim', `${name}:`.padEnd(width + 1))} ${value}`);
}
