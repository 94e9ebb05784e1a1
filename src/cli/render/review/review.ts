import { escapeText } from '../../../core/byte-string.ts';
import type { ReviewedGate, ReviewResult, ReviewSigner } from '../../../flows/promotion/review-result.ts';
import type { Change } from '../../../flows/results.ts';
import type { Output, Tone } from '../../terminal/output.ts';
import { boundedPatch } from '../bounded-patch.ts';
import { isTextChange } from '../changed-file.ts';
import { renderStat } from '../changes.ts';
import { violationText } from '../gates.ts';
import { formatCount, plural } from '../quantities.ts';
import { renderPairs, renderTable } from '../table.ts';
import { formatTime } from '../times.ts';
import type { Review } from './review-facts.ts';
import { personText, reviewFacts } from './review-facts.ts';
import { reviewNotes, reviewVerdict } from './review-notes.ts';

/** A patch longer than this is no reading matter for a terminal. */
const PATCH_BOUNDS = { maxLines: 400, maxLineBytes: 2000 };
const MAX_PATCHES = 50;
const MAX_STAT_LINES = 500;
const LEVEL_TONES = { bad: 'bad', warning: 'changed', note: 'dim' } as const satisfies Record<string, Tone>;

/** A review for a terminal. */
export function renderReview(out: Output, review: Review): string[] {
  const { result } = review;
  const { promotion } = result;
  const title = `promotion ${promotion.environment}/${promotion.number} of ${promotion.set} ${reviewVerdict(result)}`;
  return [
    out.tone('strong', title),
    ...renderPairs(out, reviewFacts(result, formatTime)),
    ...(result.body === undefined ? [] : ['', ...paragraphLines(result.body)]),
    ...section(
      '',
      reviewNotes(review).map(({ level, text }) => out.tone(LEVEL_TONES[level], `${level}: ${text}`)),
    ),
    ...section(out.tone('strong', 'Checks'), checkLines(out, result)),
    ...section(out.tone('strong', 'Gates'), gateLines(out, result)),
    ...section(out.tone('strong', 'Signed by'), signerLines(out, result)),
    ...section(out.tone('strong', 'Missing'), missingLines(result)),
    ...changeLines(out, review),
  ];
}

function section(title: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  return ['', ...(title === '' ? [] : [title]), ...lines];
}

function paragraphLines(body: string): string[] {
  return body
    .replace(/\n+$/, '')
    .split('\n')
    .map((line) => `    ${escapeText(line)}`.trimEnd());
}

/** What is good in one line each thing, unless everything is asked for; what is not, in full. */
function checkLines(out: Output, { checks, snapshot, before }: ReviewResult): string[] {
  const groups = [
    { what: 'promotion', checks },
    { what: `snapshot ${snapshot.id}`, checks: snapshot.checks },
    ...(before === undefined ? [] : [{ what: `snapshot ${before.id}`, checks: before.checks }]),
  ];
  return groups.flatMap((group) => {
    const shown = group.checks.filter(({ ok }) => !ok || out.settings.verbose);
    const isGood = group.checks.every(({ ok }) => ok);
    return [
      `  ${isGood ? out.tone('good', 'ok ') : out.tone('bad', 'BAD')} ${group.what} (${plural(group.checks.length, 'check')})`,
      ...shown.map(({ check, ok, detail }) => {
        const mark = ok ? out.tone('good', 'ok ') : out.tone('bad', 'BAD');
        return `      ${mark} ${escapeText(`${check}: ${detail}`)}`;
      }),
    ];
  });
}

function gateLines(out: Output, { gates }: ReviewResult): string[] {
  return gates.flatMap((gate) => [
    `  ${verdictMark(out, gate)} ${gate.name}${gate.type === undefined ? '' : ` (${gate.type})`}: ${gateText(gate)}`,
    ...(gate.rerun?.violations ?? []).slice(0, 10).map((violation) => `      ${violationText(violation)}`),
  ]);
}

function verdictMark(out: Output, { recorded, rerun }: ReviewedGate): string {
  const verdict = rerun?.verdict ?? recorded?.verdict;
  return verdict === 'pass' ? out.tone('good', 'ok ') : out.tone(verdict === undefined ? 'changed' : 'bad', 'BAD');
}

/** What a gate said then, and says now. Safe for a terminal. */
export function gateText({ recorded, rerun, isRequired }: ReviewedGate): string {
  const then = recorded === undefined ? 'was not run' : `said ${recorded.verdict}`;
  const now = rerun === undefined ? '' : `, says ${rerun.verdict} now: ${escapeText(rerun.detail)}`;
  return `${then} when it was promoted${now}${isRequired ? '' : ' (not asked for now)'}`;
}

function signerLines(out: Output, { signers }: ReviewResult): string[] {
  if (signers.length === 0) return [];
  return renderTable<ReviewSigner>(
    out,
    [
      { title: 'DEED', text: ({ deed, leftOut }) => `${deed}${leftOut === undefined ? '' : ' (does not count)'}` },
      { title: 'WHO', text: personText },
      { title: 'WHEN', text: ({ atSec }) => formatTime(atSec) },
      { title: 'KEY', tone: 'dim', text: ({ key }) => key },
      {
        title: 'REASON',
        text: ({ reason, leftOut }) =>
          escapeText([leftOut, reason].filter((part) => part !== undefined && part !== '').join('; ')),
      },
    ],
    signers,
  ).map((line) => `  ${line}`.trimEnd());
}

function missingLines({ missing }: ReviewResult): string[] {
  if (missing.count === 0) return [];
  const people = missing.people.map(personText);
  return [
    `  ${plural(missing.count, 'approval')}${people.length === 0 ? ', and nobody could give one' : `, of ${people.join(', ')}`}`,
  ];
}

/** Who approves must know that there is more, and how to see it: the last of many names may be the one that matters. */
function statLines(out: Output, { promotion, snapshot, before }: ReviewResult, changes: readonly Change[]): string[] {
  const stat = renderStat(out, changes);
  const left = changes.length - MAX_STAT_LINES;
  if (left <= 0) return stat;
  const all =
    before === undefined
      ? `git snapshot review ${promotion.environment}/${promotion.number} --html FILE`
      : `git snapshot diff --stat ${before.id} ${snapshot.id}`;
  return [
    ...stat.slice(0, MAX_STAT_LINES),
    out.tone('changed', ` … and ${plural(left, 'more path')}, not listed here: see "${all}"`),
    ...stat.slice(-1),
  ];
}

function changeLines(out: Output, { result, files }: Review): string[] {
  const { changes } = result;
  if (changes === undefined) return [];
  const listed = statLines(out, result, changes);
  const patches = files.filter(isTextChange);
  const shown = patches.slice(0, MAX_PATCHES).flatMap((file) => {
    const { lines, left } = boundedPatch(out, file, PATCH_BOUNDS);
    return left === 0 ? lines : [...lines, `… ${plural(left, 'more line')}`];
  });
  return [
    ...section(out.tone('strong', 'Changes'), changes.length === 0 ? ['  none: the content is the same'] : listed),
    ...section('', shown),
    ...(patches.length > MAX_PATCHES ? [`… ${formatCount(patches.length - MAX_PATCHES)} more files of text`] : []),
  ];
}
