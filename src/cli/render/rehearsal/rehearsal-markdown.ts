import { displayBytes } from '../../../core/byte-string.ts';
import { lengthText } from '../../../core/length-text.ts';
import { limitText } from '../../../core/rehearsal/criteria.ts';
import type { RehearsalResult, RehearsedSnapshot } from '../../../flows/rehearsal/results.ts';
import { codeSpan, plainOrCode } from '../markdown/markdown-text.ts';
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
            .map((line) => `- ${plainOrCode(line)}`)
            .join('\n'),
        ]),
    factBullets(rehearsalFacts(result)),
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
      : [
          '## Before',
          table(
            ['Event', 'When', 'Snapshot', 'Verdict', 'Recovery', 'By'],
            history.map((cells) => cells.map(plainOrCode)),
          ),
        ]),
  ];
  return `${parts.join('\n\n')}\n`;
}

function snapshotParts(rehearsed: RehearsedSnapshot): string[] {
  const { snapshot, verdict, failure, criteria, there, back, gates, faults } = rehearsed;
  const purpose = purposeText(rehearsed);
  return [
    `## ${codeSpan(snapshot)}: ${verdict === 'pass' ? 'pass' : '**fail**'}`,
    ...(purpose === '' ? [] : [plainOrCode(purpose)]),
    ...(failure === undefined ? [] : [plainOrCode(failure)]),
    table(
      ['Criterion', 'Verdict', 'Limit', 'Measured'],
      criteria.map((criterion) => [
        criterion.criterion,
        criterion.ok ? 'ok' : '**FAIL**',
        plainOrCode(limitText(criterion)),
        plainOrCode(criterion.value),
      ]),
    ),
    factBullets(measuredFacts(rehearsed)),
    ...(there === undefined
      ? []
      : [
          table(
            ['Phase', 'There', 'And back'],
            there.phases.map(({ phase, ms }) => {
              const backMs = back?.phases.find((one) => one.phase === phase)?.ms;
              return [phase, lengthText(ms), backMs === undefined ? '' : lengthText(backMs)];
            }),
          ),
        ]),
    ...(gates.length === 0
      ? []
      : [
          table(
            ['Gate', 'Verdict', 'Detail'],
            gates.map(({ name, verdict, detail }) => [
              plainOrCode(name),
              verdict === 'pass' ? verdict : `**${verdict}**`,
              plainOrCode(detail),
            ]),
          ),
        ]),
    ...(faults?.failures ?? []).map(
      ({ step, way, detail }) => `- killed at step ${step}, then ${codeSpan(`--${way}`)}: ${plainOrCode(detail)}`,
    ),
  ];
}

function factBullets(facts: readonly (readonly [name: string, value: string])[]): string {
  return facts.map(([name, value]) => `- ${name}: ${plainOrCode(value)}`).join('\n');
}

function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  return [
    `| ${columns.join(' | ')} |`,
    `|${columns.map(() => '---|').join('')}`,
    ...rows.map((cells) => `| ${cells.join(' | ')} |`),
  ].join('\n');
}
