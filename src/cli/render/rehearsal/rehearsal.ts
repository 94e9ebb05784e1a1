import { displayBytes, escapeText } from '../../../core/byte-string.ts';
import { lengthText } from '../../../core/length-text.ts';
import { limitText } from '../../../core/rehearsal/criteria.ts';
import type { PhaseTime } from '../../../core/rollback/phases.ts';
import type { RehearsalReport, RehearsalResult, RehearsedSnapshot } from '../../../flows/rehearsal/results.ts';
import type { Output, Painter } from '../../terminal/output.ts';
import { renderGates } from '../gates.ts';
import { plural } from '../quantities.ts';
import { renderPairs, renderTable } from '../table.ts';
import { failedText, measuredFacts, purposeText, rehearsalFacts } from './rehearsal-facts.ts';

const MAX_PATHS = 10;

/** A rehearsal for a terminal: the verdict first, and why, then each snapshot with what was measured. */
export function renderRehearsal(out: Output, result: RehearsalResult): string[] {
  const { report } = result;
  const { live, rehearsals, set } = report;
  const isPassed = report.verdict === 'pass';
  const verdict = isPassed ? out.tone('good', 'passed') : out.tone('bad', 'FAILED');
  const line = `rehearsal of ${set}: ${verdict} (${lengthText(report.durationMs)})`;
  if (out.settings.quiet && isPassed) return [line];
  return [
    line,
    ...(isPassed ? [] : failedText(report).map((line) => out.tone('bad', `  ${escapeText(line)}`))),
    ...renderPairs(out, rehearsalFacts(result)),
    ...changedLines(out, live.changed),
    ...rehearsals.flatMap((rehearsed) => ['', ...snapshotLines(out, rehearsed)]),
  ];
}

function changedLines(out: Painter, changed: RehearsalReport['live']['changed']): string[] {
  if (changed.length === 0) return [];
  const more = changed.length - MAX_PATHS;
  return [
    out.tone('bad', `${plural(changed.length, 'path')} of the directory changed meanwhile:`),
    ...changed.slice(0, MAX_PATHS).map((path) => `  ${displayBytes(path)}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}

function snapshotLines(out: Output, rehearsed: RehearsedSnapshot): string[] {
  const { snapshot, verdict, criteria, failure, there, gates, faults } = rehearsed;
  const mark = verdict === 'pass' ? out.tone('good', 'ok') : out.tone('bad', 'FAIL');
  const purpose = purposeText(rehearsed);
  const table = renderTable(
    out,
    [
      { title: 'criterion', text: ({ criterion }) => criterion },
      { title: '', text: ({ ok }) => (ok ? out.tone('good', 'ok  ') : out.tone('bad', 'FAIL')) },
      { title: 'limit', text: (criterion) => escapeText(limitText(criterion)) },
      { title: 'measured', text: ({ value }) => escapeText(value) },
    ],
    criteria,
  );
  return [
    `${out.tone('strong', snapshot)}${purpose === '' ? '' : ` (${purpose})`}: ${mark}`,
    ...(failure === undefined ? [] : [out.tone('bad', `  ${escapeText(failure)}`)]),
    ...table.map((line) => `  ${line}`),
    ...(there === undefined ? [] : measuredLines(rehearsed, there.phases)),
    ...renderGates(out, gates, out.settings),
    ...(faults?.failures ?? []).map(({ step, way, detail }) =>
      out.tone('bad', `  killed at step ${step}, then --${way}: ${escapeText(detail)}`),
    ),
  ];
}

function measuredLines(rehearsed: RehearsedSnapshot, phases: readonly PhaseTime[]): string[] {
  const { back } = rehearsed;
  return [
    ...measuredFacts(rehearsed).map(([name, value]) => `  ${name}: ${value}`),
    `  phases: ${phases.map(({ phase, ms }) => `${phase} ${lengthText(ms)}`).join(', ')}`,
    ...(back === undefined ? [] : [`  and back: ${lengthText(back.durationMs)}`]),
  ];
}
