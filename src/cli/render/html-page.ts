import { createHash } from 'node:crypto';
import type { Change } from '../../flows/results.ts';
import type { ChangedFile } from './changed-file.ts';
import { changeSummary } from './changes.ts';
import { fileSections } from './html-files.ts';
import { PAGE_STYLE } from './html-style.ts';
import { Html, html } from './html-text.ts';

/** What a page is made of. */
export interface Page {
  readonly title: string;
  readonly header: Html;
  /** What stands above the changes. */
  readonly above: Html;
  /** Undefined: they cannot be told. */
  readonly changes: readonly Change[] | undefined;
  readonly files: readonly ChangedFile[];
}

/**
 * Changes as one page for a browser: it has no script, loads nothing, and forbids both to whatever might get into it.
 */
export function htmlPage({ title, header, above, changes, files }: Page): string {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${contentPolicy()}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${title}</title>
<style>${new Html(PAGE_STYLE)}</style>
</head>
<body>
<a class="skip" href="#changes">Skip to the changes</a>
<header>
${header}
</header>
<main>
${above}
<h2 id="changes">Changes</h2>
<p>${changes === undefined ? 'They cannot be told.' : changes.length === 0 ? 'None: the content is the same.' : `${changeSummary(changes)}.`}</p>
${fileSections(files)}
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

function contentPolicy(): string {
  const hash = createHash('sha256').update(PAGE_STYLE).digest('base64');
  return `default-src 'none'; img-src data:; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
}
