import { lengthText, spanText } from '../../../core/length-text.ts';
import { isBack } from '../../../core/levels/measurements.ts';
import { limitText, NOT_REACHED } from '../../../core/rehearsal/criteria.ts';
import type { RepositoryReport } from '../../../flows/report/results.ts';
import { plural } from '../quantities.ts';
import { utcMinute } from '../times.ts';
import { levelSection } from './level-section.ts';
import { keySection, proofSection } from './proof-sections.ts';
import { type Cell, code, type Section, tableOf } from './section.ts';
import { environmentSection, keepingSection, snapshotSection } from './set-sections.ts';

/** All parts of a report, the most urgent first. */
export function reportSections(report: RepositoryReport): Section[] {
  return [
    environmentSection(report),
    levelSection(report),
    snapshotSection(report),
    promotionSection(report),
    rollbackSection(report),
    rehearsalSection(report),
    ...keepingSection(report),
    keySection(report),
    proofSection(report),
  ];
}

function promotionSection({ promotions }: RepositoryReport): Section {
  return {
    id: 'promotions',
    title: 'Promotions and approvals',
    notes: promotions.length === 0 ? ['None in this period.'] : [],
    table: tableOf(
      ['When', 'Promotion', 'Snapshot', 'By', 'Approved by', 'Rejected by', 'Status', 'Reason'],
      promotions,
      ({ atSec, set, environment, number, snapshot, promoter, tally, status, reason, action, breakGlass, frozen }) => [
        utcMinute(atSec),
        `${set}/${environment}/${number}${action === 'rollback' ? ' (back)' : ''}`,
        code(snapshot),
        promoter,
        tally.approved.join(', ') || (tally.needed === 0 ? 'nobody needed' : 'nobody yet'),
        tally.rejected.join(', '),
        {
          text: status,
          tone: status === 'live' ? 'good' : status === 'pending' || status === 'rejected' ? 'warning' : 'dim',
        },
        [reason, ...(breakGlass ? ['past the rules'] : []), ...frozen.map((name) => `in the freeze ${name}`)].join(
          '; ',
        ),
      ],
    ),
  };
}

type RollbackEvent = RepositoryReport['rollbacks'][number];

function rollbackSection({ rollbacks }: RepositoryReport): Section {
  return {
    id: 'rollbacks',
    title: 'Rollbacks',
    notes: rollbacks.length === 0 ? ['None in this period.'] : [],
    table: tableOf(
      ['When', 'Set', 'What', 'From', 'To', 'By', 'Took', 'Outcome', 'Gates and health', 'Reason'],
      rollbacks,
      ({ at, set, action, from, to, actor, durationMs, outcome, reason, paths, ...said }) => [
        utcMinute(Date.parse(at) / 1000),
        set,
        paths === undefined ? action : `${action} of ${plural(paths.length, 'path')}`,
        code(from.id),
        code(to.id),
        actor,
        lengthText(durationMs),
        { text: outcome === 'applied' ? 'applied' : 'taken back', tone: outcome === 'applied' ? 'good' : 'bad' },
        saidCell(said),
        reason ?? '',
      ],
    ),
  };
}

/** What gates and health said of a rollback, if they were asked, and whether somebody went past the gates. */
function saidCell({ gates = [], pastGates, health }: Pick<RollbackEvent, 'gates' | 'pastGates' | 'health'>): Cell {
  const said = gates
    .filter(({ verdict }) => pastGates !== true || verdict !== 'pass')
    .map(({ name, verdict }) => `${name} ${verdict}`)
    .join(', ');
  const words = [
    ...(pastGates === true ? [said === '' ? 'past the gates' : `past the gates: ${said}`] : said === '' ? [] : [said]),
    ...(health === undefined ? [] : [`health ${health.verdict}`]),
  ];
  if (words.length === 0) return '';
  const isWell = pastGates !== true && health?.verdict !== 'fail' && gates.every(({ verdict }) => verdict === 'pass');
  return { text: words.join('; '), tone: isWell ? 'good' : 'bad' };
}

function rehearsalSection({ rehearsals }: RepositoryReport): Section {
  return {
    id: 'rehearsals',
    title: 'Rehearsals',
    notes: rehearsals.length === 0 ? [{ text: 'None in this period.', tone: 'warning' }] : [],
    table: tableOf(
      ['When', 'Set', 'Snapshot', 'By', 'Back after', 'Would be lost', 'Verdict', 'Failed'],
      rehearsals,
      ({ at, set, snapshot, actor, recoveryMs, lossSec, verdict, criteria }) => [
        utcMinute(Date.parse(at) / 1000),
        set,
        code(snapshot.id),
        actor,
        isBack({ criteria }) ? lengthText(recoveryMs) : NOT_REACHED,
        lossSec === undefined ? '' : spanText(lossSec),
        { text: verdict, tone: verdict === 'pass' ? 'good' : 'bad' },
        criteria
          .filter(({ ok }) => !ok)
          .map((failed) => `${failed.criterion}: ${failed.value}, limit ${limitText(failed)}`)
          .join('; '),
      ],
    ),
  };
}
