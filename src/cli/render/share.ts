import { displayBytes } from '../../core/byte-string.ts';
import type { MoveCount } from '../../core/share/target-refs.ts';
import type { LogNumbers, ShareResult } from '../../flows/share/results.ts';
import type { Painter } from '../terminal/output.ts';
import { plural } from './quantities.ts';

/** What was exchanged with a remote: how both sides were and are, what came and went, and what was signed again. */
export function renderShare(out: Painter, result: ShareResult, { sends }: { sends: boolean }): string[] {
  const { remote, ours, theirs, rebased, leftOut, keptBelow, dryRun } = result;
  const there = out.tone('strong', displayBytes(remote));
  return [
    `${there}: ${describeRelation(result, sends)}`,
    ` here:  ${describeSide(ours)}`,
    ` there: ${describeSide(theirs)}`,
    ...describeCounts(dryRun ? 'would come' : 'came', result.received),
    ...describeCounts(dryRun ? 'would go' : 'went', result.sent),
    ...(rebased.length === 0 ? [] : [` ${dryRun ? 'to be signed again' : 'signed again'}, on top of the remote's:`]),
    ...rebased.map(
      ({ description, seqBefore, seqAfter, was, changed }) =>
        `  ${seqBefore} → ${seqAfter}  ${description}${changed ? out.tone('changed', describeChange(was)) : ''}`,
    ),
    ...(leftOut.length === 0 ? [] : [' left out:']),
    ...renderLeftOut(result),
    ...(keptBelow === undefined ? [] : [` what gave way is kept below ${keptBelow}`]),
  ];
}

function describeChange(was: string | undefined): string {
  return was === undefined ? ' (changed)' : ` (was ${was})`;
}

/** Own events that are not in the log any more, and why. */
export function renderLeftOut({ leftOut }: ShareResult): string[] {
  return leftOut.map(({ description, seq, reason }) => `  ${seq}  ${description}: ${reason}`);
}

function describeRelation({ relation, dryRun, received, sent }: ShareResult, sends: boolean): string {
  const nothing = received.length + sent.length === 0;
  switch (relation) {
    case 'no-remote':
      return sends
        ? dryRun
          ? 'would be set up'
          : 'set up'
        : 'has nothing yet: give it yours with "git snapshot push"';
    case 'no-local':
      return dryRun ? 'would be taken over' : 'taken over, and verified';
    case 'same':
      return nothing ? 'the same on both sides' : 'the same log on both sides';
    case 'behind':
      return dryRun ? 'is ahead' : 'was ahead; taken over, and verified';
    case 'ahead':
      if (!sends) return 'nothing new; it lacks events that are here: "git snapshot push" sends them';
      return dryRun ? 'lacks events that are here' : 'lacked events that are here; pushed';
    case 'diverged':
      return dryRun ? 'both sides went on' : 'both sides had gone on; put together, and verified';
    case 'unrelated':
      return 'nothing in common';
  }
}

function describeSide({ before, after }: ShareResult['ours']): string {
  const same = before.seq === after.seq && before.policyVersion === after.policyVersion;
  return same ? describeNumbers(after) : `${describeNumbers(before)} → ${describeNumbers(after)}`;
}

function describeNumbers({ seq, policyVersion }: LogNumbers): string {
  return seq === 0 ? 'nothing' : `event ${seq}, policy version ${policyVersion}`;
}

const NOUNS = {
  snapshots: 'snapshot',
  promotions: 'promotion',
  approvals: 'approval',
  holds: 'hold',
  trash: 'snapshot in the trash',
  proposals: 'proposed policy',
} as const;

function describeCounts(verb: string, counts: readonly MoveCount[]): string[] {
  return counts.map(({ kind, created, moved, deleted }) => {
    const parts = [
      ...(created === 0 ? [] : [`${created} new`]),
      ...(moved === 0 ? [] : [`${moved} changed`]),
      ...(deleted === 0 ? [] : [`${deleted} gone`]),
    ];
    const total = created + moved + deleted;
    const noun =
      kind === 'trash'
        ? `${plural(total, 'snapshot')} in the trash`
        : kind === 'proposals'
          ? `${total} proposed ${total === 1 ? 'policy' : 'policies'}`
          : plural(total, NOUNS[kind]);
    return ` ${verb}: ${noun} (${parts.join(', ')})`;
  });
}
