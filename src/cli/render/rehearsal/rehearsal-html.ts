import { displayBytes } from '../../../core/byte-string.ts';
import { lengthText } from '../../../core/length-text.ts';
import { durationSec } from '../../../core/policy/duration-schema.ts';
import { DEFAULT_MAX_RECOVERY, limitText } from '../../../core/rehearsal/criteria.ts';
import type { RehearsalReport, RehearsalResult, RehearsedSnapshot } from '../../../flows/rehearsal/results.ts';
import { codeHtml, factList, htmlDocument, listTable } from '../html/html-document.ts';
import { type Html, html } from '../html/html-text.ts';
import { plural } from '../quantities.ts';
import { utcMinute } from '../times.ts';
import { phaseChart, trendChart } from './rehearsal-charts.ts';
import { failedText, historyRows, measuredFacts, purposeText, rehearsalFacts } from './rehearsal-facts.ts';

const MAX_PATHS = 100;

/** A report as one page for a browser. */
export function rehearsalHtml(result: RehearsalResult): string {
  const { report } = result;
  const isPassed = report.verdict === 'pass';
  const failed = failedText(report);
  return htmlDocument({
    title: `Rehearsal of ${report.set}`,
    skipTo: { id: 'rehearsed', name: 'what was rehearsed' },
    header: html`<h1>Rehearsal of ${report.set} <span class="badge ${isPassed ? 'good' : 'bad'}">${isPassed ? 'passed' : 'failed'}</span></h1>
<p>${utcMinute(report.startedAtSec)}: ${plural(report.rehearsals.length, 'snapshot')} put into a copy of the directory and taken out again, by the code of <code>git rollback</code>, in ${lengthText(report.durationMs)}.</p>`,
    main: html`${failed.length === 0 ? undefined : html`<ul class="notes">${failed.map((line) => html`<li class="bad"><b>Failed:</b><span>${line}</span></li>`)}</ul>`}
${factList(rehearsalFacts(result))}
${changedList(report)}
<h2 id="rehearsed">What was rehearsed</h2>
${report.rehearsals.map(snapshotSection)}
<h2 id="trend">Recovery times</h2>
${trendChart(report, maxRecoveryMs(report))}
${report.history.length === 0 ? html`<p>The log has no rehearsal before this one.</p>` : listTable({ caption: 'Rehearsals before', columns: ['Event', 'When', 'Snapshot', 'Verdict', 'Recovery', 'By'], rows: historyRows(report).map(([event = '', at = '', snapshot = '', ...rest]) => [event, at, codeHtml(snapshot), ...rest]) })}`,
  });
}

function maxRecoveryMs({ rehearsals }: RehearsalReport): number {
  const limit = rehearsals[0]?.criteria.find(({ criterion }) => criterion === 'recovery')?.limit;
  return durationSec(limit ?? DEFAULT_MAX_RECOVERY) * 1000;
}

function changedList({ live }: RehearsalReport): Html | undefined {
  if (live.changed.length === 0) return undefined;
  const left = live.changed.length - MAX_PATHS;
  return html`<p class="bad"><strong>${plural(live.changed.length, 'path')} of the directory changed meanwhile:</strong></p>
<ul>${live.changed.slice(0, MAX_PATHS).map((path) => html`<li><code>${displayBytes(path)}</code></li>`)}${left > 0 ? html`<li class="more">… ${plural(left, 'more')}</li>` : undefined}</ul>`;
}

function snapshotSection(rehearsed: RehearsedSnapshot): Html {
  const { snapshot, verdict, failure, there, back } = rehearsed;
  const purpose = purposeText(rehearsed);
  return html`<section><h3><code>${snapshot}</code> <span class="badge ${verdict === 'pass' ? 'good' : 'bad'}">${verdict}</span></h3>
${purpose === '' ? undefined : html`<p>${purpose}</p>`}${failure === undefined ? undefined : html`<p class="bad">${failure}</p>`}
${listTable({
  caption: 'Criteria',
  columns: ['Criterion', 'Verdict', 'Limit', 'Measured'],
  rows: rehearsed.criteria.map((criterion) => [
    criterion.criterion,
    html`<span class="${criterion.ok ? 'good' : 'bad'}">${criterion.ok ? 'ok' : 'FAIL'}</span>`,
    limitText(criterion),
    criterion.value,
  ]),
})}
${factList(measuredFacts(rehearsed))}
${there === undefined ? undefined : phaseChart(there, back)}
${gateTable(rehearsed)}${faultList(rehearsed)}</section>`;
}

function gateTable({ gates }: RehearsedSnapshot): Html | undefined {
  if (gates.length === 0) return undefined;
  return listTable({
    caption: 'What the gates say',
    columns: ['Gate', 'Type', 'Verdict', 'Detail'],
    rows: gates.map(({ name, type, verdict, detail }) => [
      name,
      type,
      html`<span class="${verdict === 'pass' ? 'good' : 'bad'}">${verdict}</span>`,
      detail,
    ]),
  });
}

function faultList({ faults }: RehearsedSnapshot): Html | undefined {
  if (faults === undefined || faults.failures.length === 0) return undefined;
  return html`<ul>${faults.failures.map(({ step, way, detail }) => html`<li class="bad">Killed at step ${step}, then --${way}: ${detail}</li>`)}</ul>`;
}
