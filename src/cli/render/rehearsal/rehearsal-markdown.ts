import { displayBytes } from '../../../core/byte-string.ts';
import type { RehearsalResult, RehearsedSnapshot } from '../../../flows/rehearsal/results.ts';
import { codeSpan } from '../markdown/markdown-text.ts';
import { formatDuration } from '../quantities.ts';
import { failedText, historyRows, measuredFacts, purposeText, rehearsalFacts } from './rehearsal-facts.ts';

const MAX_PATHS = 20;
const MAX_HISTORY = 10;

/** A report as Markdown, for a pull request or a page of a wiki. */
export function rehearsalMarkdown(result: RehearsalResult): string {
  const { report } = result;
  const history = historyRows(report).slice(0, MAX_HISTORY);
  const parts = [
    `# Rehearsal of ${codeSpan(report.set)}: ${report.verdict === 'pass' ? 'passed' : '**failed**'}`,
    ...(report.verdict === 'pass'
      ? []
      : [
          failedText(report)
            .map((line) => `- ${codeSpan(line)}`)
            .join('\n'),
        ]),
    table(['', ''], rehearsalFacts(result)),
    ...(report.live.changed.length === 0
      ? []
      : [
          `Changed meanwhile: ${report.live.changed.length}\n\n${report.live.changed
            .slice(0, MAX_PATHS)
            .map((path) => `- ${codeSpan(displayBytes(path))}`)
            .join('\n')}`,
        ]),
    ...report.rehearsals.flatMap(snapshotParts),
    ...(history.length === 0
      ? []
      : ['## Before', table(['Event', 'When', 'Snapshot', 'Verdict', 'Recovery', 'By'], history)]),
  ];
  return `${parts.join('\n\n')}\n`;
}

function snapshotParts(rehearsed: RehearsedSnapshot): string[] {
  const { snapshot, verdict, failure, criteria, there, back, gates, faults } = rehearsed;
  const purpose = purposeText(rehearsed);
  return [
    `## ${codeSpan(snapshot)}: ${verdict === 'pass' ? 'pass' : '**fail**'}`,
    ...(purpose === '' ? [] : [codeSpan(purpose)]),
    ...(failure === undefined ? [] : [codeSpan(failure)]),
    table(
      ['Criterion', 'Verdict', 'Limit', 'Measured'],
      criteria.map(({ criterion, limit, value, ok }) => [criterion, ok ? 'ok' : 'FAIL', limit, value]),
    ),
    table(['', ''], measuredFacts(rehearsed)),
    ...(there === undefined
      ? []
      : [
          table(
            ['Phase', 'There', 'And back'],
            there.phases.map(({ phase, ms }) => [
              phase,
              formatDuration(ms),
              formatDuration(back?.phases.find((one) => one.phase === phase)?.ms ?? 0),
            ]),
          ),
        ]),
    ...(gates.length === 0
      ? []
      : [
          table(
            ['Gate', 'Verdict', 'Detail'],
            gates.map(({ name, verdict, detail }) => [name, verdict, detail]),
          ),
        ]),
    ...(faults?.failures ?? []).map(
      ({ step, way, detail }) => `- ${codeSpan(`killed at step ${step}, then --${way}: ${detail}`)}`,
    ),
  ];
}

function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  return [
    `| ${columns.join(' | ')} |`,
    `|${columns.map(() => '---|').join('')}`,
    ...rows.map((cells) => `| ${cells.map((cell) => (cell === '' ? '' : codeSpan(cell))).join(' | ')} |`),
  ].join('\n');
}
