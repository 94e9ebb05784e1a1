import type { Level } from '../../../core/levels/judge.ts';
import type { RepositoryReport } from '../../../flows/report/results.ts';
import { LEVEL_TITLES, lastText, limitText, sumText, timeText, VERDICT_WORDS } from '../levels.ts';
import { type CellTone, type Section, tableOf } from './section.ts';

const TONES: Readonly<Record<Level['verdict'], CellTone>> = {
  met: 'good',
  broken: 'bad',
  unmeasured: 'warning',
  unlimited: 'dim',
};

/** Service levels, with verdicts. */
export function levelSection({ levels }: RepositoryReport): Section {
  const rows = levels.sets.flatMap(({ set, levels: all }) => all.map((level) => ({ set, level })));
  const isManySets = levels.sets.length > 1;
  return {
    id: 'levels',
    title: 'Service levels',
    notes: [`${sumText(levels)}; over the whole log.`],
    table: tableOf(
      [...(isManySets ? ['Set'] : []), 'Level', 'Limit', 'Count', 'Median', '95%', 'Worst', 'Last', 'Verdict'],
      rows,
      ({ set, level }) => [
        ...(isManySets ? [set] : []),
        LEVEL_TITLES[level.level],
        limitText(level),
        String(level.times?.count ?? ''),
        timeText(level.times?.medianMs),
        timeText(level.times?.p95Ms),
        timeText(level.times?.worstMs),
        lastText(level),
        { text: VERDICT_WORDS[level.verdict], tone: TONES[level.verdict] },
      ],
    ),
  };
}
