import type { Output, Painter, Tone } from '../terminal/output.ts';
import { isAscii, textWidth, truncate } from './text-width.ts';

/** A column of a {@link renderTable}. */
export interface Column<Row> {
  readonly title: string;
  readonly align?: 'right';
  readonly tone?: Tone | ((row: Row) => Tone);
  /** The text of a cell, safe for a terminal. */
  text(row: Row): string;
}

const MIN_LAST_CELLS = 12;

/** Lines of a table with a heading. On a terminal the last column is cut at its edge; elsewhere nothing is. */
export function renderTable<Row>(out: Output, columns: readonly Column<Row>[], rows: readonly Row[]): string[] {
  let room = out.widthCells ?? Number.POSITIVE_INFINITY;
  const rendered = columns.map((column, i) => {
    const texts = rows.map((row) => column.text(row));
    // Almost always they are all ASCII, which one look at all of them tells.
    const widthOf = isAscii(texts.join('')) ? (text: string) => text.length : textWidth;
    const isLast = i === columns.length - 1;
    const width = texts.reduce((most, text) => Math.max(most, widthOf(text)), column.title.length);
    const cut = isLast && width > room ? Math.max(room, MIN_LAST_CELLS) : width;
    room -= width + 2;
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
  const line = (parts: readonly string[]) => parts.join('  ').trimEnd();
  return [
    out.tone('strong', line(rendered.map(({ title }) => title))),
    ...rows.map((_, row) => line(rendered.map(({ cells }) => cells[row] ?? ''))),
  ];
}

/** Lines of `name: value` pairs, the values aligned. */
export function renderPairs(out: Painter, pairs: readonly (readonly [name: string, value: string])[]): string[] {
  const width = Math.max(...pairs.map(([name]) => name.length));
  return pairs.map(([name, value]) => `${out.tone('dim', `${name}:`.padEnd(width + 1))} ${value}`);
}
