import type { RepositoryReport } from '../../../flows/report/results.ts';
import { sumText } from '../levels.ts';
import { formatDuration, plural } from '../quantities.ts';
import { formatSpan } from '../times.ts';
import type { CellTone } from './section.ts';

/** One of the few things that everybody wants to know. */
export interface Headline {
  readonly title: string;
  readonly value: string;
  readonly detail: string;
  readonly tone: CellTone;
}

/** What a report comes to. */
export function headlines(report: RepositoryReport): Headline[] {
  return [
    logHeadline(report),
    levelHeadline(report),
    snapshotHeadline(report),
    recoveryHeadline(report),
    waitHeadline(report),
  ];
}

function logHeadline({ proof: { log, findings, policy } }: RepositoryReport): Headline {
  const isSound = findings.length === 0;
  return {
    title: 'Audit log',
    value: isSound ? 'sound' : plural(findings.length, 'finding'),
    detail: `${plural(log.events, 'event')} verified under policy version ${policy.version}`,
    tone: isSound ? 'good' : 'bad',
  };
}

function levelHeadline({ levels }: RepositoryReport): Headline {
  const { met, broken, unmeasured } = levels;
  const isAll = broken === 0 && unmeasured === 0;
  return {
    title: 'Service levels',
    value: broken > 0 ? `${broken} broken` : isAll ? 'met' : `${met} met`,
    detail: sumText(levels),
    tone: broken > 0 ? 'bad' : isAll ? 'good' : 'warning',
  };
}

function snapshotHeadline({ sets, atSec }: RepositoryReport): Headline {
  const ages = sets.map(({ set, measurements: { lastSnapshotAtSec: at } }) => ({ set, at }));
  const never = ages.filter(({ at }) => at === undefined);
  const oldest = ages.toSorted((a, b) => (a.at ?? 0) - (b.at ?? 0))[0];
  if (oldest?.at === undefined)
    return { title: 'Last snapshot', value: 'never', detail: never.map(({ set }) => set).join(', '), tone: 'warning' };
  return {
    title: sets.length > 1 ? 'Oldest last snapshot' : 'Last snapshot',
    value: `${formatSpan(atSec - oldest.at)} ago`,
    detail: `set ${oldest.set}`,
    tone: 'good',
  };
}

function recoveryHeadline({ sets, atSec }: RepositoryReport): Headline {
  const last = sets
    .flatMap(({ measurements }) => measurements.recovery)
    .toSorted((a, b) => a.atSec - b.atSec)
    .at(-1);
  const passed = sets.flatMap(({ measurements: { lastPassedRehearsalAtSec: at } }) => (at === undefined ? [] : [at]));
  if (last === undefined)
    return { title: 'Recovery', value: 'never rehearsed', detail: 'nobody knows how long it takes', tone: 'warning' };
  const newest = passed.length === 0 ? undefined : Math.max(...passed);
  return {
    title: 'Recovery',
    value: formatDuration(last.ms),
    detail:
      newest === undefined ? 'no rehearsal has passed' : `last rehearsal passed ${formatSpan(atSec - newest)} ago`,
    tone: newest === undefined ? 'bad' : 'good',
  };
}

function waitHeadline({ sets }: RepositoryReport): Headline {
  const pending = sets.flatMap(({ environments }) => environments.flatMap((one) => one.pending));
  const missing = pending.reduce((sum, { tally }) => sum + Math.max(0, tally.needed - tally.approved.length), 0);
  return {
    title: 'Waiting',
    value: pending.length === 0 ? 'nothing' : plural(pending.length, 'promotion'),
    detail: pending.length === 0 ? 'no promotion lacks an approval' : `${plural(missing, 'approval')} missing`,
    tone: pending.length === 0 ? 'good' : 'warning',
  };
}
