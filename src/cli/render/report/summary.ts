import { lengthText, spanText } from '../../../core/length-text.ts';
import type { Level } from '../../../core/levels/judge.ts';
import type { RepositoryReport } from '../../../flows/report/results.ts';
import { limitText, sumText } from '../levels.ts';
import { plural } from '../quantities.ts';
import { utcMinute } from '../times.ts';
import { expiryTone } from './proof-sections.ts';
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
    policyHeadline(report),
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
    detail:
      broken > 0
        ? `of ${plural(met + broken, 'limit')} that ${met + broken === 1 ? 'was' : 'were'} measured`
        : sumText(levels),
    tone: broken > 0 ? 'bad' : isAll ? 'good' : 'warning',
  };
}

function snapshotHeadline({ sets, levels, atSec }: RepositoryReport): Headline {
  const ages = sets.map(({ set, measurements: { lastSnapshotAtSec: at } }) => ({ set, at }));
  const never = ages.filter(({ at }) => at === undefined);
  const oldest = ages.toSorted((a, b) => (a.at ?? 0) - (b.at ?? 0))[0];
  // All sets have the same limit: if it is broken, it is by the oldest.
  const broken = brokenLevel(levels, 'snapshot-age');
  const limit = broken === undefined ? '' : `; limit ${limitText(broken)}`;
  if (oldest?.at === undefined)
    return {
      title: 'Last snapshot',
      value: 'never',
      detail: `${never.map(({ set }) => set).join(', ')}${limit}`,
      tone: broken === undefined ? 'warning' : 'bad',
    };
  return {
    title: sets.length > 1 ? 'Oldest last snapshot' : 'Last snapshot',
    value: `${spanText(atSec - oldest.at)} ago`,
    detail: `set ${oldest.set}${limit}`,
    tone: broken === undefined ? 'good' : 'bad',
  };
}

function recoveryHeadline({ sets, levels, atSec }: RepositoryReport): Headline {
  const last = sets
    .flatMap(({ set, measurements: { lastRehearsal } }) =>
      lastRehearsal === undefined ? [] : [{ set, ...lastRehearsal }],
    )
    .toSorted((a, b) => b.atSec - a.atSec);
  const passed = sets.flatMap(({ measurements: { lastPassedRehearsalAtSec: at } }) => (at === undefined ? [] : [at]));
  if (last.length === 0)
    return { title: 'Recovery', value: 'never rehearsed', detail: 'nobody knows how long it takes', tone: 'warning' };
  const passedText =
    passed.length === 0
      ? 'no rehearsal has passed'
      : `last rehearsal passed ${spanText(atSec - Math.max(...passed))} ago`;
  const failed = last.find((one) => !one.passed);
  if (failed !== undefined)
    return {
      title: 'Recovery',
      value: 'rehearsal FAILED',
      detail: `set ${failed.set}, ${spanText(atSec - failed.atSec)} ago; ${passedText}`,
      tone: 'bad',
    };
  const times = sets.flatMap(({ measurements }) => measurements.recovery).toSorted((a, b) => a.atSec - b.atSec);
  const isBroken = (['recovery', 'rehearsal-age'] as const).some((name) => brokenLevel(levels, name) !== undefined);
  return {
    title: 'Recovery',
    value: lengthText(times.at(-1)?.ms ?? 0),
    detail: `${passedText}${isBroken ? '; a limit is broken' : ''}`,
    tone: isBroken ? 'bad' : 'good',
  };
}

function waitHeadline({ sets }: RepositoryReport): Headline {
  const environments = sets.flatMap((one) => one.environments);
  const pending = environments.flatMap((one) => one.pending);
  const held = environments.filter(({ hold }) => hold !== undefined);
  const missing = pending.reduce((sum, { tally }) => sum + Math.max(0, tally.needed - tally.approved.length), 0);
  if (pending.length + held.length === 0)
    return { title: 'Waiting', value: 'nothing', detail: 'no promotion lacks an approval', tone: 'good' };
  const holds = held.length === 0 ? [] : [`on hold: ${held.map((one) => `${one.set}/${one.environment}`).join(', ')}`];
  return {
    title: 'Waiting',
    value: pending.length === 0 ? plural(held.length, 'environment') : plural(pending.length, 'promotion'),
    detail: [...(pending.length === 0 ? [] : [`${plural(missing, 'approval')} missing`]), ...holds].join('; '),
    tone: 'warning',
  };
}

function policyHeadline({ policyExpiresAtSec: endSec, proof: { policy }, atSec }: RepositoryReport): Headline {
  const title = 'Policy';
  const version = `version ${policy.version}`;
  if (endSec === undefined) return { title, value: 'in force', detail: `${version} does not run out`, tone: 'good' };
  const isOver = endSec <= atSec;
  return {
    title,
    value: isOver ? 'expired' : 'in force',
    detail: `${version} ${isOver ? 'ran out' : 'runs out'} ${utcMinute(endSec)}`,
    tone: expiryTone(endSec, atSec) ?? 'good',
  };
}

function brokenLevel({ sets }: RepositoryReport['levels'], name: Level['level']): Level | undefined {
  return sets.flatMap(({ levels }) => levels).find(({ level, verdict }) => level === name && verdict === 'broken');
}
