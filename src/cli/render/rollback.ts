import { displayBytes, escapeText, utf8Encode } from '../../core/byte-string.ts';
import { lengthText } from '../../core/length-text.ts';
import { setWords } from '../../core/policy/default-set.ts';
import type { RollbackResult } from '../../flows/results.ts';
import type { Output, Painter } from '../terminal/output.ts';
import { renderStatusLines } from './changes.ts';
import { renderGates } from './gates.ts';
import { renderHealth } from './health.ts';
import { formatCount, plural } from './quantities.ts';

const MAX_PLANNED = 20;

/** What a rollback or restore did, or would do. `partial`: only some paths were meant. */
export function renderRollback(out: Output, result: RollbackResult, { partial }: { partial: boolean }): string[] {
  const { outcome, set, to, backup, appeared } = safeNames(result);
  if (outcome === 'nothing-to-do')
    return [
      `nothing to do: ${partial ? `these paths of ${set} are as in` : `${set} is at`} ${to}`,
      ...backupLines(result),
      ...gateLines(out, result),
      ...healthLines(out, result),
    ];
  if (outcome === 'planned')
    return renderPlan(out, result, { max: out.settings.verbose ? result.paths.length : MAX_PLANNED, partial });
  const lines = [`${doneText(out, result, partial)} (${lengthText(result.durationMs)})`];
  if (outcome === 'reverted') {
    if (backup !== undefined) lines.push(` that is the snapshot ${backup}`);
  } else {
    lines.push(...backupLines(result), ` ${countText(result)}`);
    if (out.settings.verbose) lines.push(...renderStatusLines(out, result.paths, result.paths.length));
    if (backup !== undefined) lines.push(` what was there before is kept as ${backup}`);
  }
  lines.push(...gateLines(out, result));
  lines.push(...healthLines(out, result));
  lines.push(...rescuedLines(out, result));
  lines.push(...changedAfterLines(out, result));
  if (appeared.length > 0) {
    // The rollback may have put other ignore rules in place: only who looks at the path knows which of the two it is.
    lines.push(` ${plural(appeared.length, 'path')} left alone, which "git snapshot status" shows:`);
    lines.push('   left out of snapshots before and not now, or made by another program meanwhile');
    lines.push(...appeared.map((path) => `   ${displayBytes(path)}`));
  }
  return lines;
}

function rescuedLines(out: Painter, { rescued }: RollbackResult): string[] {
  if (rescued.length === 0) return [];
  const what = 'changed meanwhile, or open in another program; what they held is kept:';
  return [
    out.tone('bad', ` ${plural(rescued.length, 'file')} ${what}`),
    ...rescued.map(({ path, keptAs, programs }) => {
      const goesOn =
        programs.length === 0
          ? ''
          : ` (${programs.map(displayBytes).join(', ')} goes on writing there, until started anew)`;
      return `   ${displayBytes(path)} -> ${displayBytes(utf8Encode(keptAs))}${goesOn}`;
    }),
  ];
}

/** How many paths of one kind are named, unless all are asked for. */
const MAX_NAMED = 20;

function changedAfterLines(out: Output, { changedAfter: { paths, programs } }: RollbackResult): string[] {
  if (paths.length === 0) return [];
  const named = out.settings.verbose ? paths : paths.slice(0, MAX_NAMED);
  const by = programs.length === 0 ? 'a program that cannot be seen' : programs.map(displayBytes).join(', ');
  const one = paths.length === 1;
  return [
    out.tone('bad', ` ${plural(paths.length, 'path')} ${one ? 'is' : 'are'} not as put back: changed since, by ${by}`),
    ...named.map((path) => `   ${displayBytes(path)}`),
    ...(paths.length > named.length ? [`   and ${formatCount(paths.length - named.length)} more`] : []),
    '   stop that program, then run "git rollback" again',
  ];
}

function doneText(out: Painter, result: RollbackResult, partial: boolean): string {
  const { outcome, set, to } = safeNames(result);
  if (outcome === 'reverted') return `${set} is again as it was before the rollback to ${out.tone('strong', to)}`;
  return partial
    ? `${pathsText(result)} put back to ${out.tone('strong', to)}`
    : `${set} is now at ${out.tone('strong', to)}`;
}

/** The plan, before it is confirmed or instead of doing it. At most `max` of its paths. */
export function renderPlan(
  out: Painter,
  result: RollbackResult,
  { max, partial }: { max: number; partial: boolean },
): string[] {
  const { set, from, to, paths } = safeNames(result);
  const start = from === undefined ? '' : ` from ${from}`;
  const what = partial ? `${pathsText(result)} back` : `${set}${start}`;
  return [
    `would put ${what} to ${out.tone('strong', to)}`,
    ...backupLines(result),
    ` ${countText(result)}`,
    ...renderStatusLines(out, paths, max),
    ...gateLines(out, result),
  ];
}

/** After a rollback was undone, the directory should be what was broken: a plain rollback keeps that. */
function backupLines({ set, isUnnamedBackup }: RollbackResult): string[] {
  if (!isUnnamedBackup) return [];
  return [
    ' that is an automatic backup, as rollbacks take of what was there before',
    ` for the newest that was taken on purpose: git rollback${setWords(set)} latest`,
  ];
}

function gateLines(out: Painter, { gates }: RollbackResult): string[] {
  return gates.length === 0 ? [] : [' gates:', ...renderGates(out, gates, { verbose: false })];
}

function healthLines(out: Output, { health }: RollbackResult): string[] {
  return health === undefined ? [] : renderHealth(out, { health, title: 'health' }, out.settings);
}

/** A journal may say anything in place of names. */
function safeNames(result: RollbackResult): RollbackResult {
  const safe = (name: string | undefined) => (name === undefined ? undefined : escapeText(name));
  return {
    ...result,
    set: escapeText(result.set),
    from: safe(result.from),
    to: escapeText(result.to),
    backup: safe(result.backup),
  };
}

/** `2 paths of artifacts`: the rest of the set may be anything. */
function pathsText({ set, changes: { created, replaced, deleted, modes } }: RollbackResult): string {
  return `${plural(created + replaced + deleted + modes, 'path')} of ${set}`;
}

function countText({ changes }: RollbackResult): string {
  const parts = [
    [changes.created, 'created'],
    [changes.replaced, 'replaced'],
    [changes.deleted, 'deleted'],
    [changes.modes, 'given another mode'],
  ] as const;
  const text = parts.filter(([count]) => count > 0).map(([count, what]) => `${formatCount(count)} ${what}`);
  return text.length === 0 ? 'no files changed' : text.join(', ');
}
