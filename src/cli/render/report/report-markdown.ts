import type { RepositoryReport } from '../../../flows/report/results.ts';
import { clip, codeSpan, plainOrCode } from '../markdown/markdown-text.ts';
import { plural } from '../quantities.ts';
import { utcMinute } from '../times.ts';
import { type Cell, type Section, type SectionTable, textOf } from './section.ts';
import { reportSections } from './sections.ts';
import { headlines } from './summary.ts';

// Longer texts are cut: a row must stay a row.
const MAX_TEXT_CHARS = 500;

/** A report as Markdown: nothing of it that comes from the repository takes effect. */
export function reportMarkdown(report: RepositoryReport): string {
  return `${[
    '# Snapshots: how things stand',
    `${utcMinute(report.atSec)}; what happened is told since ${utcMinute(report.sinceSec)}.`,
    headlines(report)
      .map(({ title, value, detail, tone }) => `- ${title}: ${cell({ text: value, tone })}, ${cell(detail)}`)
      .join('\n'),
    ...reportSections(report).map(section),
  ].join('\n\n')}\n`;
}

function section({ title, notes, table: rows }: Section): string {
  return [
    `## ${title}`,
    ...(notes.length === 0 ? [] : [notes.map((note) => `- ${cell(note)}`).join('\n')]),
    ...(rows === undefined ? [] : [table(rows)]),
  ].join('\n\n');
}

function table({ columns, rows, more }: SectionTable): string {
  const lines = [columns, columns.map(() => '---'), ...rows.map((cells) => cells.map(cell))];
  const left = more === 0 ? [] : [[`… ${plural(more, 'more row')}`, ...columns.slice(1).map(() => '')]];
  return [...lines, ...left].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function cell(one: Cell): string {
  const text = clip(textOf(one), MAX_TEXT_CHARS);
  if (text === '') return '';
  if (typeof one !== 'string' && one.isCode === true) return codeSpan(text);
  const shown = plainOrCode(text);
  return typeof one !== 'string' && (one.tone === 'bad' || one.tone === 'warning') ? `**${shown}**` : shown;
}
