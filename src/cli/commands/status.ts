import { displayBytes, escapeText } from '../../core/byte-string.ts';
import { hintToWait, holderText, runningText } from '../../core/rollback/lock-holder.ts';
import type { SnapshotInfo } from '../../core/snapshot/snapshot-info.ts';
import type { StatusResult, UnfinishedRollback } from '../../flows/results.ts';
import { ANSWER_IS_NO, DONE } from '../exit-code.ts';
import { handle } from '../handler.ts';
import { statusJson } from '../json/results.ts';
import { changeSummary, renderStatusLines } from '../render/changes.ts';
import { formatAge } from '../render/times.ts';
import { STATUS } from '../specs/checking.ts';
import type { Output } from '../terminal/output.ts';

const ROLLBACK_UNFINISHED = 9;
const MAX_CHANGES = 30;
const MAX_CHANGES_MEANWHILE = 10;

/** `git snapshot status`. */
export const status = handle(STATUS, async ({ args, io, out, app }) => {
  const result = await (await app()).status({ set: args.set });
  if (out.settings.json) out.json(statusJson(result));
  else if (!out.settings.quiet) out.lines(statusLines(out, result, io.now()));
  if (result.rollback !== undefined) return ROLLBACK_UNFINISHED;
  return result.clean ? DONE : ANSWER_IS_NO;
});

function statusLines(out: Output, result: StatusResult, nowMs: number): string[] {
  const { set, path, snapshot, exists, rollback, busy } = result;
  const lines = [`Set ${out.tone('strong', set)} (${displayBytes(path)}/)`];
  if (snapshot === undefined) lines.push('No snapshot yet');
  else {
    const age = formatAge(snapshot.takenAtSec, nowMs);
    lines.push(
      `${exists ? 'On' : 'Should be'} snapshot ${out.tone('strong', snapshot.id)}, taken ${age}: ${escapeText(snapshot.message)}`,
    );
  }
  if (rollback !== undefined) lines.push('', ...rollbackLines(out, rollback, nowMs));
  if (busy !== undefined) {
    const who = `Another git-snapshot (${holderText(busy)}) is working on it: what is below may be about to change.`;
    lines.push('', out.tone('strong', who), `  ${hintToWait(busy)}`);
  }
  return [...lines, '', ...changeLines(out, result)];
}

function rollbackLines(out: Output, { to, startedAtSec, heldBy }: UnfinishedRollback, nowMs: number): string[] {
  const rollback = `A rollback to ${escapeText(to)}`;
  const begun = `begun ${formatAge(startedAtSec, nowMs)}`;
  if (heldBy !== undefined) {
    return [out.tone('strong', `${rollback} ${runningText(heldBy, begun)}.`), `  ${hintToWait(heldBy)}`];
  }
  return [
    out.tone('bad', `${rollback} is unfinished (${begun}).`),
    '  (use "git rollback --continue" to finish it)',
    '  (use "git rollback --abort" to take it back)',
  ];
}

function changeLines(out: Output, { path, snapshot, exists, clean, changes, rollback, busy }: StatusResult): string[] {
  const isSettled = rollback === undefined && busy === undefined;
  if (!exists && isSettled) return absentLines(`the directory ${displayBytes(path)}/ is not here`, snapshot);
  if (clean) return [cleanLine({ rollback, busy })];
  if (snapshot === undefined) return ['nothing is kept yet (use "git snapshot" to take the first snapshot)'];
  // What to type must not leave the screen.
  const few = rollback === undefined ? MAX_CHANGES : MAX_CHANGES_MEANWHILE;
  const max = out.settings.verbose ? changes.length : few;
  // Both are refused while a rollback is not done, or are the wrong thing to do.
  const advice = [
    '  (use "git snapshot" to take a snapshot of them)',
    `  (use "git snapshot restore ${snapshot.id}" to discard them)`,
  ];
  return [
    rollback === undefined ? 'Changes since then:' : 'Changes since then, with what the rollback has changed so far:',
    ...(isSettled ? advice : []),
    ...renderStatusLines(out, changes, max),
    ...(changes.length > max ? ['', changeSummary(changes)] : []),
  ];
}

/** Of a rollback that is not done, everything may have changed already, or nothing yet. */
function cleanLine({ rollback, busy }: Pick<StatusResult, 'rollback' | 'busy'>): string {
  if (rollback !== undefined) return 'the files are those of the snapshot';
  return `nothing changed${busy === undefined ? '' : ' so far'}, the directory is the snapshot`;
}

/** Where there is no directory, as in a new clone, that is the news: not each file that was in it. */
function absentLines(fact: string, snapshot: SnapshotInfo | undefined): string[] {
  if (snapshot === undefined) return [`${fact} (make it, then use "git snapshot" to take the first snapshot)`];
  return [fact, `  (use "git snapshot restore ${snapshot.id}" to bring it)`];
}
