import { createHash } from 'node:crypto';
import { PAGE_STYLE } from './html-style.ts';
import { Html, html } from './html-text.ts';

/** What every page is made of. */
export interface HtmlDocument {
  readonly title: string;
  readonly header: Html;
  /** Where a keyboard goes first, past all that is above it: the id of a heading, and its name. */
  readonly skipTo: { readonly id: string; readonly name: string };
  readonly main: Html;
  /** What the style of all pages has not (CSS). */
  readonly style?: string;
}

/** One page for a browser: it has no script, loads nothing, and forbids both to whatever might get into it. */
export function htmlDocument({ title, header, skipTo, main, style = '' }: HtmlDocument): string {
  const css = PAGE_STYLE + style;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${contentPolicy(css)}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${title}</title>
<style>${new Html(css)}</style>
</head>
<body>
<a class="skip" href="#${skipTo.id}">Skip to ${skipTo.name}</a>
<header>
${header}
</header>
<main>
${main}
</main>
</body>
</html>
`;
  return page.toString();
}

/** Names with what there is to say of each. */
export function factList(facts: readonly (readonly [name: string, value: string])[]): Html {
  return html`<dl>${facts.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
}

/** A name of the repository's: an id stays in one piece in a table, a digest or a command need not. */
export function codeHtml(text: string): Html {
  const isId = text.length <= MAX_ID_CHARS && !text.includes(' ');
  return isId ? html`<code class="id">${text}</code>` : html`<code>${text}</code>`;
}

const MAX_ID_CHARS = 40;

// A time, a name, a size: what is read at one glance stays on one line.
const MAX_SHORT_CHARS = 28;

/** A table, as data. */
export interface HtmlTable {
  readonly caption: string;
  readonly columns: readonly string[];
  /** The first cell heads its row. */
  readonly rows: readonly (readonly (Html | string)[])[];
}

/** A table that scrolls by itself where it is too wide. */
export function listTable({ caption, columns, rows }: HtmlTable): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table class="list"><caption class="hidden">${caption}</caption>
<thead><tr>${columns.map((column) => html`<th scope="col">${column}</th>`)}</tr></thead>
<tbody>${rows.map(([head, ...cells]) => html`<tr><th scope="row">${head}</th>${cells.map(cellOf)}</tr>\n`)}</tbody></table></div>`;
}

function cellOf(cell: Html | string): Html {
  return typeof cell === 'string' && cell.length <= MAX_SHORT_CHARS
    ? html`<td class="short">${cell}</td>`
    : html`<td>${cell}</td>`;
}

function contentPolicy(css: string): string {
  const hash = createHash('sha256').update(css).digest('base64');
  return `default-src 'none'; img-src data:; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
}
