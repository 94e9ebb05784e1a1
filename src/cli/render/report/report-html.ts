import type { RepositoryReport } from '../../../flows/report/results.ts';
import { codeHtml, htmlDocument, listTable } from '../html/html-document.ts';
import { type Html, html } from '../html/html-text.ts';
import { plural } from '../quantities.ts';
import { utcMinute } from '../times.ts';
import { REPORT_STYLE } from './report-style.ts';
import { type Cell, type Section, textOf } from './section.ts';
import { reportSections } from './sections.ts';
import { headlines } from './summary.ts';
import { timeCharts } from './time-charts.ts';

/** A report as one page for a browser, to be kept or printed. */
export function reportHtml(report: RepositoryReport): string {
  const sections = reportSections(report);
  return htmlDocument({
    title: `Snapshots, ${utcMinute(report.atSec)}`,
    style: REPORT_STYLE,
    skipTo: { id: sections[0]?.id ?? '', name: 'what is live' },
    header: html`<h1>Snapshots: how things stand</h1>
<p>${utcMinute(report.atSec)}. What happened is told since ${utcMinute(report.sinceSec)}.</p>
<ul class="cards">${headlines(report).map(
      ({ title, value, detail, tone }) =>
        html`<li class="${tone}"><span class="title">${title}</span><b>${value}</b><span class="detail">${detail}</span></li>\n`,
    )}</ul>
<nav aria-label="Parts">${sections.map(({ id, title }) => html`<a href="#${id}">${title}</a> `)}</nav>`,
    main: html`${sections.map((section) => sectionHtml(section, section.id === 'levels' ? timeCharts(report) : undefined))}`,
  });
}

function sectionHtml({ id, title, notes, table }: Section, after: Html | undefined): Html {
  return html`<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>
${notes.map((note) => html`<p>${cellHtml(note)}</p>\n`)}${
  table === undefined
    ? undefined
    : listTable({ caption: title, columns: table.columns, rows: table.rows.map((row) => row.map(cellHtml)) })
}${table === undefined || table.more === 0 ? undefined : html`<p class="more">… ${plural(table.more, 'more row')}</p>`}${after}</section>
`;
}

function cellHtml(cell: Cell): Html | string {
  const text = textOf(cell);
  if (typeof cell === 'string') return text;
  const shown = cell.isCode === true ? codeHtml(text) : html`${text}`;
  return cell.tone === undefined ? shown : html`<span class="${cell.tone}">${shown}</span>`;
}
