import type { Change } from '../../../flows/results.ts';
import type { ChangedFile } from '../changed-file.ts';
import { changeSummary } from '../changes.ts';
import { htmlDocument } from './html-document.ts';
import { fileSections } from './html-files.ts';
import { type Html, html } from './html-text.ts';

/** What a page of changes is made of. */
export interface Page {
  readonly title: string;
  readonly header: Html;
  /** What stands above the changes. */
  readonly above: Html;
  /** Undefined: they cannot be told. */
  readonly changes: readonly Change[] | undefined;
  readonly files: readonly ChangedFile[];
}

/** Changes as one page for a browser. */
export function htmlPage({ title, header, above, changes, files }: Page): string {
  return htmlDocument({
    title,
    header,
    skipTo: { id: 'changes', name: 'the changes' },
    main: html`${above}
<h2 id="changes">Changes</h2>
<p>${changes === undefined ? 'They cannot be told.' : changes.length === 0 ? 'None: the content is the same.' : `${changeSummary(changes)}.`}</p>
${fileSections(files)}`,
  });
}
