import { displayBytes } from '../../../core/byte-string.ts';
import type { ReviewResult } from '../../../flows/promotion/review-result.ts';
import type { CheckResult } from '../../../flows/results.ts';
import { factList, listTable } from '../html/html-document.ts';
import { htmlPage } from '../html/html-page.ts';
import { type Html, html } from '../html/html-text.ts';
import { plural } from '../quantities.ts';
import { utcMinute } from '../times.ts';
import { gateText } from './review.ts';
import type { Review } from './review-facts.ts';
import { personText, reviewFacts } from './review-facts.ts';
import { reviewNotes, reviewVerdict } from './review-notes.ts';

/** More violations of a gate are counted: there can be a hundred of each. */
const MAX_VIOLATIONS = 20;

/** A review as one page for a browser. */
export function reviewHtml(review: Review): string {
  const { result, files } = review;
  const { promotion } = result;
  const title = `${promotion.environment}/${promotion.number} of ${promotion.set}`;
  return htmlPage({
    title: `Review of ${title}`,
    header: html`<h1>Promotion ${title} <span class="badge ${result.isSound ? '' : 'bad'}">${promotion.status}</span></h1>
<p>It ${reviewVerdict(result)}. ${result.isSound ? html`<span class="good">Every check is good.</span>` : html`<strong class="bad">It is not to be trusted as it stands.</strong>`}</p>`,
    above: html`${noteList(review)}
${factList(reviewFacts(result, utcMinute))}
${result.body === undefined ? undefined : html`<pre>${result.body.trimEnd()}</pre>`}
<h2 id="signers">Signatures and approvals</h2>
${missingText(result)}
${signerTable(result)}
${gateTable(result)}
<h2 id="checks">Checks</h2>
${checkTable(result)}`,
    changes: result.changes,
    files,
  });
}

function noteList(review: Review): Html | undefined {
  const notes = reviewNotes(review);
  if (notes.length === 0) return undefined;
  const words = { bad: 'Bad', warning: 'Warning', note: 'Note' } as const;
  return html`<ul class="notes">${notes.map(({ level, text }) => html`<li class="${level}"><b>${words[level]}:</b><span>${text}</span></li>`)}</ul>`;
}

function missingText({ missing }: ReviewResult): Html | undefined {
  if (missing.count === 0) return undefined;
  const people = missing.people.map(personText);
  const who = people.length === 0 ? 'Nobody could give one.' : `Who could give one: ${people.join(', ')}.`;
  return html`<p class="warning"><strong>Missing: ${plural(missing.count, 'approval')}.</strong> ${who}</p>`;
}

function signerTable({ signers }: ReviewResult): Html {
  return listTable({
    caption: 'Who signed what',
    columns: ['Deed', 'Who', 'When', 'Key', 'Reason'],
    rows: signers.map(({ deed, atSec, key, reason, leftOut, ...who }) => [
      html`${deed}${leftOut === undefined ? undefined : html` <span class="bad">(does not count: ${leftOut})</span>`}`,
      personText(who),
      utcMinute(atSec),
      html`<span class="key">${key}</span>`,
      reason ?? '',
    ]),
  });
}

function gateTable({ gates }: ReviewResult): Html | undefined {
  if (gates.length === 0) return undefined;
  const rows = gates.map((gate) => {
    const violations = gate.rerun?.violations ?? [];
    const left = violations.length - MAX_VIOLATIONS;
    const items = violations.slice(0, MAX_VIOLATIONS).map(({ path, pointer, message }) => {
      const where = `${path === undefined ? '' : displayBytes(path)}${pointer ?? ''}`;
      return html`<li>${where === '' ? undefined : html`<code>${where}</code>: `}${message}</li>`;
    });
    const list = html`<ul>${items}${left > 0 ? html`<li class="more">… ${plural(left, 'more')}</li>` : undefined}</ul>`;
    return [
      gate.name,
      gate.type ?? 'unknown',
      verdictText((gate.rerun ?? gate.recorded)?.verdict),
      html`${gateText(gate)}${items.length === 0 ? undefined : list}`,
    ];
  });
  return html`<h2 id="gates">Gates</h2>${listTable({ caption: 'What the gates say', columns: ['Gate', 'Type', 'Verdict', 'Detail'], rows })}`;
}

function verdictText(verdict: string | undefined): Html {
  return html`<span class="${verdict === 'pass' ? 'good' : 'bad'}">${verdict ?? 'was not run'}</span>`;
}

function checkTable({ checks, snapshot, before }: ReviewResult): Html {
  const rowsOf = (of: string, list: readonly CheckResult[]) =>
    list.map(({ check, ok, detail }) => [
      check,
      of,
      html`<span class="${ok ? 'good' : 'bad'}">${ok ? 'ok' : 'BAD'}</span>`,
      detail,
    ]);
  const all = [...checks, ...snapshot.checks, ...(before?.checks ?? [])];
  const bad = all.filter(({ ok }) => !ok).length;
  const table = listTable({
    caption: 'What was checked',
    columns: ['Check', 'Of', 'Verdict', 'Detail'],
    rows: [
      ...rowsOf('the promotion', checks),
      ...rowsOf(snapshot.id, snapshot.checks),
      ...(before === undefined ? [] : rowsOf(before.id, before.checks)),
    ],
  });
  const summary = bad === 0 ? html`<span class="good">all good</span>` : html`<strong class="bad">${bad} BAD</strong>`;
  return html`<details${bad === 0 ? undefined : html` open`}><summary>${plural(all.length, 'check')}: ${summary}</summary>${table}</details>`;
}
