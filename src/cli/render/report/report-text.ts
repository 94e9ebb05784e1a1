import { escapeText } from '../../../core/byte-string.ts';
import type { RepositoryReport } from '../../../flows/report/results.ts';
import type { Output, Tone } from '../../terminal/output.ts';
import { renderTable } from '../table.ts';
import { formatMinute } from '../times.ts';
import { type Cell, type CellTone, type Section, textOf } from './section.ts';
import { reportSections } from './sections.ts';
import { headlines } from './summary.ts';

const TONES: Readonly<Record<CellTone, Tone>> = { good: 'good', bad: 'bad', warning: 'changed', dim: 'dim' };

/** A report for a terminal. */
export function renderReport(out: Output, report: RepositoryReport): string[] {
  const rows = headlines(report);
  return [
    `Since ${formatMinute(report.sinceSec)}`,
    '',
    ...renderTable(
      out,
      [
        { title: '', text: ({ title }) => title },
        { title: '', text: ({ value }) => escapeText(value), tone: ({ tone }) => TONES[tone] },
        { title: '', text: ({ detail }) => escapeText(detail) },
      ],
      rows,
    ).slice(1),
    ...reportSections(report).flatMap((section) => ['', ...sectionLines(out, section)]),
  ];
}

function sectionLines(out: Output, { title, notes, table }: Section): string[] {
  const lines = table === undefined ? [] : tableLines(out, table);
  return [
    out.tone('strong', title),
    ...notes.map((note) => `  ${paint(out, note)}`),
    ...lines.map((line) => `  ${line}`),
  ];
}

function tableLines(out: Output, { columns, rows, more }: NonNullable<Section['table']>): string[] {
  const lines = renderTable(
    out,
    columns.map((title, i) => ({
      title: title.toUpperCase(),
      text: (row: readonly Cell[]) => escapeText(textOf(row[i] ?? '')),
      tone: (row: readonly Cell[]) => toneOf(row[i] ?? ''),
    })),
    rows,
  );
  return more === 0 ? lines : [...lines, `… ${more} more`];
}

function paint(out: Output, cell: Cell): string {
  return out.tone(toneOf(cell), escapeText(textOf(cell)));
}

function toneOf(cell: Cell): Tone {
  return typeof cell === 'string' || cell.tone === undefined ? 'plain' : TONES[cell.tone];
}
