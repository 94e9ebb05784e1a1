import { displayBytes, escapeText } from '../../core/byte-string.ts';
import type { ReviewResult } from '../../flows/promotion/review-result.ts';
import { PLAIN } from '../terminal/output.ts';
import { changeSummary } from './changes.ts';
import { plural } from './quantities.ts';
import { personText, reviewFacts, utcMinute } from './review-facts.ts';
import type { Review, ReviewFile } from './review-file.ts';
import { changeDetail, isTextChange, notShown, STATUS_WORDS } from './review-file.ts';
import { BoundedText } from './review-markdown-bounds.ts';
import { clip, codeBlock, codeElement, codeSpan } from './review-markdown-text.ts';
import { reviewNotes } from './review-notes.ts';
import { boundedPatch } from './review-patch.ts';

// Longer texts are cut: each part must leave room for the others.
const MAX_TEXT_CHARS = 500;
const MAX_BODY_CHARS = 4000;
const PATCH_BOUNDS = { maxLines: 300, maxLineBytes: 400 };
const MAX_ITEMS = 50;

/**
 * A review as Markdown that can be posted on a pull request: nothing of it that comes from the repository takes effect.
 *
 * @param options.maxBytes - of UTF-8; what does not fit is left out from the end, and counted
 */
export function reviewMarkdown(review: Review, { maxBytes }: { maxBytes: number }): string {
  const { result } = review;
  const page = new BoundedText(maxBytes);
  for (const part of [
    heading(result),
    bullets(reviewNotes(result).map(({ level, text }) => `**${LEVELS[level]}:** ${span(text)}`)),
    bullets(reviewFacts(result, utcMinute).map(([name, value]) => `${name}: ${span(value)}`)),
    result.body === undefined ? '' : bodyBlock(result.body),
    missingText(result),
    signerTable(result),
    gateTable(result),
    checkList(result),
  ])
    if (part !== '') page.add(part);
  addChanges(page, review);
  return page.text;
}

const LEVELS = { bad: 'Bad', warning: 'Warning', note: 'Note' } as const;

const span = (text: string) => codeSpan(clip(text, MAX_TEXT_CHARS));

function bullets(items: readonly string[]): string {
  const left = items.length - MAX_ITEMS;
  const lines = items.slice(0, MAX_ITEMS).map((item) => `- ${item}`);
  return [...lines, ...(left > 0 ? [`- … ${plural(left, 'more line')}`] : [])].join('\n');
}

function heading({ promotion, isSound }: ReviewResult): string {
  const { environment, number, set, status } = promotion;
  const verdict = isSound ? 'every check is good' : 'NOT TO BE TRUSTED: see below';
  return `### Promotion ${codeSpan(`${environment}/${number}`)} of ${codeSpan(set)}: ${status}, ${verdict}`;
}

function bodyBlock(body: string): string {
  return codeBlock(clip(body, MAX_BODY_CHARS).trimEnd().split('\n').map(escapeText));
}

function missingText({ missing }: ReviewResult): string {
  if (missing.count === 0) return '';
  const people = missing.people.slice(0, MAX_ITEMS).map((who) => span(personText(who)));
  const left = missing.people.length - people.length;
  const who = [...people, ...(left > 0 ? [`${left} others`] : [])].join(', ');
  return `**Missing:** ${plural(missing.count, 'approval')}${who === '' ? ', and nobody could give one' : `, of ${who}`}`;
}

function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const left = rows.length - MAX_ITEMS;
  const more = left > 0 ? [[`… ${left} more`, ...columns.slice(1).map(() => '')]] : [];
  return [columns, columns.map(() => '---'), ...rows.slice(0, MAX_ITEMS), ...more]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

function signerTable({ signers }: ReviewResult): string {
  const rows = signers.map(({ deed, atSec, key, reason, leftOut, ...who }) => [
    `${deed}${leftOut === undefined ? '' : ` (does not count: ${leftOut})`}`,
    span(personText(who)),
    utcMinute(atSec),
    span(key),
    reason === undefined ? '' : span(reason),
  ]);
  return table(['Signed', 'Who', 'When', 'Key', 'Reason'], rows);
}

function gateTable({ gates }: ReviewResult): string {
  if (gates.length === 0) return '';
  const rows = gates.map(({ name, recorded, rerun, isRequired }) => [
    `${span(name)}${isRequired ? '' : ' (not asked for now)'}`,
    recorded?.verdict ?? 'was not run',
    rerun?.verdict ?? 'was not run',
    rerun === undefined ? '' : span(rerun.detail),
  ]);
  return table(['Gate', 'When promoted', 'Now', 'Detail'], rows);
}

function checkList({ checks, snapshot, before }: ReviewResult): string {
  const all = [
    ...checks.map((check) => ({ of: 'the promotion', ...check })),
    ...snapshot.checks.map((check) => ({ of: snapshot.id, ...check })),
    ...(before?.checks ?? []).map((check) => ({ of: before?.id ?? '', ...check })),
  ];
  const bad = all.filter(({ ok }) => !ok).length;
  const items = all
    .toSorted((a, b) => Number(a.ok) - Number(b.ok))
    .map(({ of, check, ok, detail }) => `${ok ? 'ok' : '**BAD**'} ${span(`${of}: ${check}: ${detail}`)}`);
  const summary = `${plural(all.length, 'check')}: ${bad === 0 ? 'all good' : `${bad} BAD`}`;
  return details(summary, bullets(items));
}

/** Something to unfold. The blank lines end the HTML, so that Markdown goes on inside. */
function details(summary: string, content: string): string {
  return `<details><summary>${summary}</summary>\n\n${content}\n\n</details>`;
}

function addChanges(page: BoundedText, { result: { changes }, files }: Review): void {
  if (changes === undefined) return;
  page.add(`#### ${changes.length === 0 ? 'No changes: the content is the same' : changeSummary(changes)}`);
  page.addEach(
    files.map((file) => () => fileText(file)),
    (left) => `… ${plural(left, 'more file')}`,
  );
}

/** A file with its patch, or, where there is no room for that, without. */
function fileText(file: ReviewFile): readonly string[] {
  const { change } = file;
  const path = displayBytes(change.path);
  const head = `${STATUS_WORDS[change.status]}, ${changeDetail(change)}`;
  const line = `- ${span(path)}: ${head}`;
  if (change.status === 'P') return [line];
  if (!isTextChange(file)) return [[line, notShown(file)].filter((part) => part !== '').join(', ')];
  const { lines, left } = boundedPatch(PLAIN, file, PATCH_BOUNDS);
  const more = left > 0 ? `\n\n… ${plural(left, 'more line')}` : '';
  const summary = `${codeElement(clip(path, MAX_TEXT_CHARS))}: ${head}`;
  return [details(summary, `${codeBlock(lines, 'diff')}${more}`), `${line}, its lines are left out here`];
}
