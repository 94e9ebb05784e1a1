import { lengthText } from '../../../core/length-text.ts';
import type { RehearsalReport, RehearsedRollback } from '../../../flows/rehearsal/results.ts';
import { type Html, html } from '../html/html-text.ts';
import { utcMinute } from '../times.ts';

const WIDTH = 720;
const NAME_WIDTH = 90;
const VALUE_WIDTH = 70;
const ROW_HEIGHT = 34;
const BAR_HEIGHT = 12;
const TREND_HEIGHT = 180;
const FOOT_HEIGHT = 22;
const MAX_BARS = 30;

/** How long each phase took, there and back: a bar for each. Numbers stand beside them. */
export function phaseChart(there: RehearsedRollback, back: RehearsedRollback | undefined): Html {
  const phases = [...new Set([...there.phases, ...(back?.phases ?? [])].map(({ phase }) => phase))];
  const msOf = (rollback: RehearsedRollback | undefined, phase: string) =>
    rollback?.phases.find((one) => one.phase === phase)?.ms;
  const most = Math.max(1, ...phases.flatMap((phase) => [msOf(there, phase) ?? 0, msOf(back, phase) ?? 0]));
  const room = WIDTH - NAME_WIDTH - VALUE_WIDTH;
  const bar = (ms: number | undefined, { y, tone }: { y: number; tone: string }) => {
    if (ms === undefined) return undefined;
    const width = Math.max(1, Math.round((ms / most) * room));
    return html`<rect class="${tone}" x="${NAME_WIDTH}" y="${y}" width="${width}" height="${BAR_HEIGHT}"/><text class="quiet" x="${NAME_WIDTH + width + 6}" y="${y + BAR_HEIGHT - 1}">${lengthText(ms)}</text>`;
  };
  const rows = phases.map((phase, i) => {
    const y = i * ROW_HEIGHT + 2;
    return html`<text x="0" y="${y + BAR_HEIGHT + 4}">${phase}</text>${bar(msOf(there, phase), { y, tone: 'there' })}${bar(msOf(back, phase), { y: y + BAR_HEIGHT + 2, tone: 'back' })}\n`;
  });
  const swatch = (tone: string) =>
    html`<svg viewBox="0 0 10 10" aria-hidden="true"><rect class="${tone}" width="10" height="10"/></svg>`;
  return html`<p class="legend"><span>${swatch('there')}there: ${lengthText(there.durationMs)}</span>${back === undefined ? undefined : html`<span>${swatch('back')}and back: ${lengthText(back.durationMs)}</span>`}</p>
<svg class="chart" viewBox="0 0 ${WIDTH} ${phases.length * ROW_HEIGHT}" role="img" aria-label="How long each phase took">${rows}</svg>`;
}

interface Point {
  readonly label: string;
  readonly ms: number;
  readonly verdict: 'pass' | 'fail';
}

/** Recovery times of past rehearsals and of this one, oldest first, with the limit where it is near enough to be shown. */
export function trendChart(report: RehearsalReport, limitMs: number): Html {
  const points: Point[] = [
    ...report.history.toReversed().map(({ atSec, snapshot, verdict, recoveryMs }) => ({
      label: `${utcMinute(atSec)}, ${snapshot}`,
      ms: recoveryMs,
      verdict,
    })),
    ...report.rehearsals.map(({ snapshot, verdict, recoveryMs }) => ({
      label: `this one, ${snapshot}`,
      ms: recoveryMs,
      verdict,
    })),
  ].slice(-MAX_BARS);
  const most = Math.max(1, ...points.map(({ ms }) => ms));
  const isLimitShown = limitMs <= most * 2;
  const top = isLimitShown ? Math.max(most, limitMs) * 1.1 : most * 1.1;
  const yOf = (ms: number) => Math.round(TREND_HEIGHT - (ms / top) * TREND_HEIGHT);
  const step = (WIDTH - VALUE_WIDTH) / Math.max(points.length, 8);
  const bars = points.map(({ label, ms, verdict }, i) => {
    const y = Math.min(yOf(ms), TREND_HEIGHT - 2);
    return html`<rect class="${verdict}" x="${Math.round(VALUE_WIDTH + i * step)}" y="${y}" width="${Math.max(2, Math.round(step * 0.7))}" height="${TREND_HEIGHT - y}"><title>${label}: ${lengthText(ms)}, ${verdict}</title></rect>\n`;
  });
  const mark = (ms: number, tone: string) =>
    html`<line class="${tone}" x1="${VALUE_WIDTH}" x2="${WIDTH}" y1="${yOf(ms)}" y2="${yOf(ms)}"/><text class="quiet" x="0" y="${yOf(ms) + 4}">${lengthText(ms)}</text>`;
  const foot = isLimitShown
    ? `dashed: the limit, ${lengthText(limitMs)}`
    : `the limit, ${lengthText(limitMs)}, is far above`;
  return html`<svg class="chart" viewBox="0 -8 ${WIDTH} ${TREND_HEIGHT + FOOT_HEIGHT + 8}" role="img" aria-label="Recovery times of the last ${points.length} rehearsals">${mark(0, '')}${mark(most, '')}${bars}${isLimitShown ? mark(limitMs, 'limit') : undefined}<text class="quiet" x="${VALUE_WIDTH}" y="${TREND_HEIGHT + FOOT_HEIGHT - 4}">oldest first; ${foot}</text></svg>`;
}
