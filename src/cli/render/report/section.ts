/** A piece of text in a report, as plain text. Whoever renders it escapes it for where it goes. */
export type Cell = string | { readonly text: string; readonly tone?: CellTone; readonly isCode?: boolean };

/** What a cell means; how that looks is for the renderer. */
export type CellTone = 'good' | 'bad' | 'warning' | 'dim';

/** A part of a report: what is said, and a table. The same for a terminal, Markdown and HTML. */
export interface Section {
  /** Name of the part, for links. */
  readonly id: string;
  readonly title: string;
  /** Sentences before the table. */
  readonly notes: readonly Cell[];
  readonly table: SectionTable | undefined;
}

/** Rows under headings. */
export interface SectionTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  /** Rows that are left out. */
  readonly more: number;
}

/** A long list says how long it is; nobody reads the thousandth row on a page. */
const MAX_ROWS = 50;

/** A table of what there is, cut to a length that can be read; undefined where there is nothing. */
export function tableOf<Row>(
  columns: readonly string[],
  rows: readonly Row[],
  cells: (row: Row) => readonly Cell[],
): SectionTable | undefined {
  if (rows.length === 0) return undefined;
  return { columns, rows: rows.slice(0, MAX_ROWS).map(cells), more: Math.max(0, rows.length - MAX_ROWS) };
}

/** The text of a cell alone. */
export function textOf(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.text;
}

/** A name of the repository's: an id, a digest. */
export function code(text: string): Cell {
  return { text, isCode: true };
}
