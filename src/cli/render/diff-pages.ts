import { escapeText } from '../../core/byte-string.ts';
import type { SnapshotInfo } from '../../core/snapshot/snapshot-info.ts';
import type { DiffResult } from '../../flows/results.ts';
import { type ChangedFile, hiddenText } from './changed-file.ts';
import { factList } from './html/html-document.ts';
import { htmlPage } from './html/html-page.ts';
import { html } from './html/html-text.ts';
import { BoundedText } from './markdown/markdown-bounds.ts';
import { addChanges, bullets, span } from './markdown/markdown-changes.ts';
import { codeSpan } from './markdown/markdown-text.ts';
import { formatBytes, plural } from './quantities.ts';
import { utcMinute } from './times.ts';

/** What `diff` is drawn from. */
export interface Difference {
  readonly result: DiffResult;
  readonly files: readonly ChangedFile[];
}

const REMARK = 'Compared as they are, and not verified: "git snapshot verify" does that.';

/** A comparison as one page for a browser. */
export function diffHtml({ result, files }: Difference): string {
  const [from, to] = names(result);
  return htmlPage({
    title: `${from} and ${to}`,
    header: html`<h1>From ${from} to ${to}</h1>
<p>${REMARK}</p>`,
    above: factList(facts({ result, files })),
    changes: result.changes,
    files,
  });
}

/**
 * A comparison as Markdown: nothing of it that comes from the repository takes effect.
 *
 * @param options.maxBytes - of UTF-8; what does not fit is left out from the end, and counted
 */
export function diffMarkdown({ result, files }: Difference, { maxBytes }: { maxBytes: number }): string {
  const [from, to] = names(result);
  const page = new BoundedText({ maxBytes, command: 'git snapshot diff' });
  page.add(`### From ${codeSpan(from)} to ${codeSpan(to)}`);
  page.add(bullets([...facts({ result, files }).map(([name, value]) => `${name}: ${span(value)}`), REMARK]));
  addChanges(page, { changes: result.changes, files });
  return page.text;
}

function names({ from, to }: DiffResult): [from: string, to: string] {
  return [from.id, to?.id ?? 'the directory'];
}

function facts({ result: { from, to }, files }: Difference): [name: string, value: string][] {
  const hidden = hiddenText(files);
  return [
    ['Set', from.set],
    ['From', snapshotText(from)],
    ['To', to === undefined ? 'the directory as it is' : snapshotText(to)],
    ...(hidden === undefined ? [] : [['Left out', hidden] as [string, string]]),
  ];
}

function snapshotText({ id, takenAtSec, files, bytes, message }: SnapshotInfo): string {
  return escapeText(`${id}, ${utcMinute(takenAtSec)} (${plural(files, 'file')}, ${formatBytes(bytes)}): ${message}`);
}
