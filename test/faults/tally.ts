import type { Outcome } from './judge.ts';

/** What came of the runs of one scenario. */
export interface Tally {
  readonly points: number;
  readonly faults: number;
  runs: number;
  missed: number;
  readonly left: Record<Outcome['left'], number>;
  said: number;
  locks: number;
}

export function newTally(points: number, faults: number): Tally {
  return { points, faults, runs: 0, missed: 0, left: { old: 0, new: 0, between: 0, unfinished: 0 }, said: 0, locks: 0 };
}

export function count(tally: Tally, outcome: Outcome | undefined): void {
  if (outcome === undefined) {
    tally.missed++;
    return;
  }
  tally.runs++;
  tally.left[outcome.left]++;
  if (outcome.said) tally.said++;
  if (outcome.locks > 0) tally.locks++;
}

/** The tallies as a table of Markdown. */
export function tallyTable(tallies: ReadonlyMap<string, Tally>): string {
  const head = [
    'scenario',
    'points',
    'faults',
    'runs',
    'old',
    'new',
    'between',
    'unfinished',
    'said error',
    'lock by hand',
    'missed',
  ];
  const rows = [...tallies].map(([name, { points, faults, runs, left, said, locks, missed }]) => [
    name,
    ...[points, faults, runs, left.old, left.new, left.between, left.unfinished, said, locks, missed].map(String),
  ]);
  const sums = head.slice(1).map((_, i) => String(rows.reduce((sum, row) => sum + Number(row[i + 1]), 0)));
  const all = [head, head.map((_, i) => (i === 0 ? '---' : '---:')), ...rows, ['all', ...sums]];
  const widths = head.map((_, i) => Math.max(...all.map((row) => row[i]?.length ?? 0)));
  return all
    .map(
      (row) =>
        `| ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join(' | ')} |`,
    )
    .join('\n');
}
