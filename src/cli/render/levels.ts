import { lengthText, spanText } from '../../core/length-text.ts';
import type { Level, LevelVerdict } from '../../core/levels/judge.ts';
import type { LevelName } from '../../core/levels/limits.ts';
import type { ServiceLevelReport } from '../../flows/levels/results.ts';
import type { Output, Tone } from '../terminal/output.ts';
import { plural } from './quantities.ts';
import { type Column, renderTable } from './table.ts';

/** What each level is called where people read it. */
export const LEVEL_TITLES: Readonly<Record<LevelName, string>> = {
  'snapshot-age': 'age of last snapshot',
  snapshot: 'taking a snapshot',
  verify: 'verifying every byte',
  rollback: 'rolling back',
  recovery: 'recovery in rehearsal',
  'rehearsal-age': 'age of last passed rehearsal',
};

/** What each verdict is called where people read it. */
export const VERDICT_WORDS: Readonly<Record<LevelVerdict, string>> = {
  met: 'met',
  broken: 'BROKEN',
  unmeasured: 'never measured',
  unlimited: 'no limit',
};

/** How a verdict is coloured. */
const VERDICT_TONES: Readonly<Record<LevelVerdict, Tone>> = {
  met: 'good',
  broken: 'bad',
  unmeasured: 'changed',
  unlimited: 'dim',
};

/** The report of `slo`: a table, and a line that adds it up. */
export function renderLevels(out: Output, report: ServiceLevelReport): string[] {
  const isManySets = report.sets.length > 1;
  const rows = report.sets.flatMap(({ set, levels }) => levels.map((level) => ({ set, level })));
  const columns: Column<(typeof rows)[number]>[] = [
    ...(isManySets ? [{ title: 'SET', text: ({ set }: { set: string }) => set }] : []),
    { title: 'LEVEL', text: ({ level }) => LEVEL_TITLES[level.level] },
    { title: 'LIMIT', align: 'right', text: ({ level }) => limitText(level) },
    { title: 'COUNT', align: 'right', spare: true, text: ({ level }) => String(level.times?.count ?? '') },
    { title: 'MEDIAN', align: 'right', text: ({ level }) => timeText(level.times?.medianMs) },
    { title: '95%', align: 'right', text: ({ level }) => timeText(level.times?.p95Ms) },
    { title: 'WORST', align: 'right', spare: true, text: ({ level }) => timeText(level.times?.worstMs) },
    { title: 'LAST', align: 'right', text: ({ level }) => lastText(level) },
    {
      title: 'VERDICT',
      tone: ({ level }) => VERDICT_TONES[level.verdict],
      text: ({ level }) => VERDICT_WORDS[level.verdict],
    },
  ];
  return [...renderTable(out, columns, rows), '', sumText(report)];
}

/** `4 limits met, 1 broken, 2 never measured`. */
export function sumText({
  met,
  broken,
  unmeasured,
}: Pick<ServiceLevelReport, 'met' | 'broken' | 'unmeasured'>): string {
  return [
    `${plural(met, 'limit')} met`,
    `${broken} broken`,
    ...(unmeasured === 0 ? [] : [`${unmeasured} never measured`]),
  ].join(', ');
}

/** What a level's limit is; empty where it has none. */
export function limitText({ limit }: Level): string {
  return limit === undefined ? '' : spanText(limit.limitSec);
}

/** The age, or the last time. */
export function lastText({ times, ageSec, level }: Level): string {
  if (level === 'snapshot-age' || level === 'rehearsal-age') return ageSec === undefined ? 'never' : spanText(ageSec);
  return timeText(times?.lastMs);
}

/** A time that was measured; empty where none was. */
export function timeText(ms: number | undefined): string {
  return ms === undefined ? '' : lengthText(ms);
}
