import { lengthText, spanText } from '../../../core/length-text.ts';
import type { Level } from '../../../core/levels/judge.ts';
import type { LevelName } from '../../../core/levels/limits.ts';
import type { Measurement } from '../../../core/levels/measurements.ts';
import type { RepositoryReport } from '../../../flows/report/results.ts';
import { type Html, html } from '../html/html-text.ts';
import { LEVEL_TITLES } from '../levels.ts';
import { utcMinute } from '../times.ts';

/** Bars that still can be told apart. */
const MAX_BARS = 60;
const WIDTH = 300;
const HEIGHT = 100;
const TIMED = ['snapshot', 'verify', 'rollback', 'recovery'] as const satisfies readonly LevelName[];

/** How long things took, one after the other, as bars below the line of the limit; undefined where nothing was measured twice. */
export function timeCharts({ sets, levels }: RepositoryReport): Html | undefined {
  const charts = sets.flatMap(({ set, measurements }) =>
    TIMED.flatMap((name) => {
      const level = levels.sets.find((one) => one.set === set)?.levels.find((one) => one.level === name);
      const measured = measurements[name].slice(-MAX_BARS);
      if (level === undefined || measured.length < 2) return [];
      return [chart(sets.length > 1 ? `${set}: ${LEVEL_TITLES[name]}` : LEVEL_TITLES[name], measured, level)];
    }),
  );
  return charts.length === 0 ? undefined : html`<div class="charts">${charts}</div>`;
}

function chart(title: string, measured: readonly Measurement[], { limit }: Level): Html {
  const worstMs = Math.max(...measured.map(({ ms }) => ms));
  const limitMs = (limit?.limitSec ?? Number.POSITIVE_INFINITY) * 1000;
  // A limit that is far away would press all bars to the ground.
  const isLimitShown = limitMs <= worstMs * 4;
  const topMs = Math.max(1, isLimitShown ? Math.max(worstMs, limitMs) : worstMs) * 1.05;
  const y = (ms: number) => round(HEIGHT - (ms / topMs) * HEIGHT);
  const step = WIDTH / Math.max(measured.length, 10);
  const bars = measured.map(({ ms, atSec }, i) => {
    const top = Math.min(y(ms), HEIGHT - 1);
    return html`<rect class="bar${ms > limitMs ? ' over' : ''}" x="${round(i * step)}" y="${top}" width="${round(step * 0.8)}" height="${round(HEIGHT - top)}"><title>${utcMinute(atSec)}: ${lengthText(ms)}</title></rect>`;
  });
  const line = isLimitShown
    ? html`<line class="limit" x1="0" x2="${WIDTH}" y1="${y(limitMs)}" y2="${y(limitMs)}"/>`
    : undefined;
  const bound =
    limit === undefined ? '' : `, limit ${spanText(limit.limitSec)}${isLimitShown ? ' (dashed)' : ' (far above)'}`;
  const caption = `${title}: the last ${measured.length}, at most ${lengthText(worstMs)}${bound}`;
  return html`<figure><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${caption}">${bars}${line}<line class="base" x1="0" x2="${WIDTH}" y1="${HEIGHT}" y2="${HEIGHT}"/></svg><figcaption>${caption}</figcaption></figure>\n`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
