import { escapeText } from '../../../core/byte-string.ts';
import type { ReviewResult } from '../../../flows/promotion/review-result.ts';
import { violationText } from '../gates.ts';
import { BoundedText } from '../markdown/markdown-bounds.ts';
import { addChanges, bullets, details, span, words } from '../markdown/markdown-changes.ts';
import { clip, codeBlock, codeSpan } from '../markdown/markdown-text.ts';
import { plural } from '../quantities.ts';
import { utcMinute } from '../times.ts';
import type { Review } from './review-facts.ts';
import { personText, reviewFacts } from './review-facts.ts';
import { reviewNotes } from './review-notes.ts';

// Longer texts are cut: each part must leave room for the others.
const MAX_BODY_CHARS = 4000;
const MAX_ITEMS = 50;

/**
 * A review as Markdown that can be posted on a pull request: nothing of it that comes from the repository takes effect.
 *
 * @param options.maxBytes - of UTF-8; what does not fit is left out from the end, and counted
 */
export function reviewMarkdown(review: Review, { maxBytes }: { maxBytes: number }): string {
  const { result } = review;
  const page = new BoundedText({ maxBytes, command: 'git snapshot review' });
  for (const part of [
    heading(result),
    bullets(reviewNotes(review).map(({ level, text }) => `**${LEVELS[level]}:** ${words(text)}`)),
    bullets(reviewFacts(result, utcMinute).map(([name, value]) => `${name}: ${words(value)}`)),
    result.body === undefined ? '' : bodyBlock(result.body),
    missingText(result),
    signerTable(result),
    gateTable(result),
    checkList(result),
  ])
    if (part !== '') page.add(part);
  if (result.changes !== undefined) addChanges(page, { changes: result.changes, files: review.files });
  return page.text;
}

const LEVELS = { bad: 'Bad', warning: 'Warning', note: 'Note' } as const;

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
  const people = missing.people.slice(0, MAX_ITEMS).map((who) => words(personText(who)));
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
    words(personText(who)),
    utcMinute(atSec),
    span(key),
    reason === undefined ? '' : words(reason),
  ]);
  return table(['Signed', 'Who', 'When', 'Key', 'Reason'], rows);
}

function gateTable({ gates }: ReviewResult): string {
  if (gates.length === 0) return '';
  const rows = gates.map(({ name, recorded, rerun, isRequired }) => [
    `${words(name)}${isRequired ? '' : ' (not asked for now)'}`,
    recorded?.verdict ?? 'was not run',
    rerun?.verdict ?? 'was not run',
    rerun === undefined ? '' : [rerun.detail, ...rerun.violations.slice(0, 3).map(violationText)].map(words).join('; '),
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
    .map(({ of, check, ok, detail }) => `${ok ? 'ok' : '**BAD**'} ${words(of)}: ${words(check)}: ${words(detail)}`);
  const summary = `${plural(all.length, 'check')}: ${bad === 0 ? 'all good' : `${bad} BAD`}`;
  return details(summary, bullets(items));
}
