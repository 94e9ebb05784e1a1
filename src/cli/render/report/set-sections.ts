import { displayBytes } from '../../../core/byte-string.ts';
import { spanText } from '../../../core/length-text.ts';
import type { RepositoryReport, SetReport } from '../../../flows/report/results.ts';
import { formatBytes, formatCount, plural } from '../quantities.ts';
import { utcMinute } from '../times.ts';
import { type Cell, code, type Section, tableOf } from './section.ts';

/** What is live where, and since when. */
export function environmentSection({ sets, atSec }: RepositoryReport): Section {
  const rows = sets.flatMap(({ environments }) => environments);
  return {
    id: 'live',
    title: 'What is live',
    notes: rows.length === 0 ? ['The policy has no environments.'] : [],
    table: tableOf(
      ['Set', 'Environment', 'Live', 'Since', 'Promoted by', 'Approved by', 'Waits'],
      rows,
      ({ set, environment, live, pending, hold }) => {
        const sinceSec = live?.effectiveAtSec ?? live?.atSec;
        return [
          set,
          environment,
          live === undefined ? { text: 'nothing', tone: 'dim' } : code(live.snapshot),
          sinceSec === undefined ? '' : `${utcMinute(sinceSec)} (${spanText(atSec - sinceSec)})`,
          live?.promoter ?? '',
          live === undefined ? '' : live.tally.approved.join(', ') || 'nobody needed',
          waitCell({ pending, hold }),
        ];
      },
    ),
  };
}

function waitCell({ pending, hold }: Pick<SetReport['environments'][number], 'pending' | 'hold'>): Cell {
  const waits = pending.map(({ number, status, tally: { approved, needed } }) =>
    status === 'rejected' ? `${number}: rejected` : `${number}: ${approved.length} of ${needed} approvals`,
  );
  const all = hold === undefined ? waits : [`on hold since rollback ${hold.number}, by ${hold.by}`, ...waits];
  return all.length === 0 ? '' : { text: all.join('; '), tone: 'warning' };
}

/** The newest snapshots of each set. */
export function snapshotSection({ sets }: RepositoryReport): Section {
  return {
    id: 'snapshots',
    title: 'Newest snapshots',
    notes: sets.map(
      ({ set, path, kept, keptBytes }) =>
        `${set} (${displayBytes(path)}/): ${plural(kept, 'snapshot')} kept, ${formatBytes(keptBytes)} side by side.`,
    ),
    table: tableOf(
      ['Set', 'Snapshot', 'Taken', 'By', 'Files', 'Size', 'Message'],
      sets.flatMap(({ set, newest }) => newest.map((snapshot) => ({ set, ...snapshot }))),
      ({ set, id, atSec, actor, files, bytes, subject, backup }) => [
        set,
        code(id),
        utcMinute(atSec),
        actor,
        formatCount(files),
        formatBytes(bytes),
        backup ? { text: subject, tone: 'dim' } : subject,
      ],
    ),
  };
}

/** Holds, trash, and what retention would do. */
export function keepingSection({ sets, atSec }: RepositoryReport): Section[] {
  const holds = sets.flatMap(({ holds: all }) => all);
  const trash = sets.flatMap(({ trash: all }) => all);
  return [
    {
      id: 'retention',
      title: 'Retention',
      notes: sets.map(outlook),
      table: tableOf(['Set', 'In the trash', 'Why', 'Removed', 'Can be had back'], trash, (one) => [
        one.set,
        code(one.snapshot),
        one.rule,
        utcMinute(one.removedAtSec),
        one.over ? { text: 'until it is dropped', tone: 'warning' } : `for ${spanText(one.endsAtSec - atSec)}`,
      ]),
    },
    {
      id: 'holds',
      title: 'Holds',
      notes: holds.length === 0 ? ['None.'] : [],
      table: tableOf(['Set', 'Snapshot', 'Case', 'By', 'Since', 'Until', 'Reason'], holds, (hold) => [
        hold.set,
        code(hold.snapshot),
        hold.case,
        hold.by,
        utcMinute(hold.sinceSec),
        hold.untilSec === undefined ? 'released' : utcMinute(hold.untilSec),
        hold.reason,
      ]),
    },
  ];
}

function outlook({ set, retention, trash }: SetReport): Cell {
  if ('fault' in retention) return { text: `${set}: ${retention.fault}.`, tone: 'warning' };
  const { remove, drop } = retention;
  const plan =
    remove + drop === 0
      ? 'pruning now would remove nothing'
      : `pruning now would move ${plural(remove, 'snapshot')} to the trash, and drop ${drop} from it`;
  return `${set}: ${plan}; ${trash.length} in the trash.`;
}
