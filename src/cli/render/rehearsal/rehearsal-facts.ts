import { lengthText, spanText } from '../../../core/length-text.ts';
import { limitText, NOT_REACHED } from '../../../core/rehearsal/criteria.ts';
import type { RehearsalReport, RehearsalResult, RehearsedSnapshot } from '../../../flows/rehearsal/results.ts';
import { formatBytes, formatCount, plural } from '../quantities.ts';
import { utcMinute } from '../times.ts';

type Fact = readonly [name: string, value: string];

/** Why a snapshot was rehearsed, in a few words. */
export function purposeText({ purpose, environment, start }: RehearsedSnapshot): string {
  const why = {
    named: '',
    rollback: 'what a rollback would put back now',
    environment: `what a rollback of ${environment ?? ''} would put back now`,
    live: `live in ${environment ?? ''}`,
    sample: 'drawn at random',
  }[purpose];
  const from = start === 'empty' ? 'into an empty directory' : '';
  return [why, from].filter((part) => part !== '').join(', ');
}

/** What failed, a line for each criterion that was not met. */
export function failedText({ rehearsals }: Pick<RehearsalReport, 'rehearsals'>): string[] {
  return rehearsals.flatMap(({ snapshot, criteria }) =>
    criteria
      .filter(({ ok }) => !ok)
      .map((failed) => `${failed.criterion} of ${snapshot}: ${failed.value} (limit: ${limitText(failed)})`),
  );
}

/** Of the directory, what it would lose, and of the report itself. */
export function rehearsalFacts({ report, digest, isRecorded }: RehearsalResult): Fact[] {
  const { live, last, policy } = report;
  const size = `${plural(live.files, 'file')}, ${formatBytes(live.bytes)}`;
  const copied = live.copyMs === undefined ? '' : `, copied in ${lengthText(live.copyMs)}`;
  return [
    ['directory', live.snapshot === undefined ? 'is not there' : `${size}${copied}`],
    ...(live.snapshot === undefined
      ? []
      : [['copy of', `${live.snapshot}${live.isTaken ? ', taken for this' : ''}`] satisfies Fact]),
    ['last snapshot', last === undefined ? 'none' : `${spanText(last.ageSec)} ago: what came later would be lost`],
    ['policy', `version ${policy.version}`],
    ['report', `${digest}${isRecorded ? '' : ' (not in the log)'}`],
  ];
}

/** What was measured of one snapshot, beside its phases. */
export function measuredFacts({ files, bytes, recoveryMs, verifyMs, there, faults }: RehearsedSnapshot): Fact[] {
  return [
    ['content', `${plural(files, 'file')}, ${formatBytes(bytes)}`],
    ...(verifyMs === undefined ? [] : [['every byte verified in', lengthText(verifyMs)] satisfies Fact]),
    ...(there === undefined ? [] : [['back in', lengthText(recoveryMs)] satisfies Fact]),
    ...(there === undefined ? [] : [['changes', changesText(there.changes)] satisfies Fact]),
    ...(faults === undefined
      ? []
      : [
          [
            'killed at',
            `${formatCount(faults.points)} of ${formatCount(faults.steps)} places, recovered from ${formatCount(faults.recovered)}`,
          ] satisfies Fact,
        ]),
  ];
}

function changesText({ created, replaced, deleted, modes }: { readonly [name: string]: number }): string {
  return `${formatCount(created ?? 0)} created, ${formatCount(replaced ?? 0)} replaced, ${formatCount(deleted ?? 0)} deleted, ${formatCount(modes ?? 0)} given another mode`;
}

/** Rehearsals before, newest first: event, time, snapshot, verdict, recovery, person. */
export function historyRows({ history }: RehearsalReport): string[][] {
  return history.map(({ seq, atSec, snapshot, environment, verdict, recoveryMs, isBack, actor }) => [
    String(seq),
    utcMinute(atSec),
    environment === undefined ? snapshot : `${snapshot} (${environment})`,
    verdict,
    isBack ? lengthText(recoveryMs) : NOT_REACHED,
    actor,
  ]);
}
