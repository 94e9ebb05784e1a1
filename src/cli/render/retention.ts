import { escapeText } from '../../core/byte-string.ts';
import type { Explanation } from '../../core/retention/explain.ts';
import type { Kept, Removed, RetentionPlan } from '../../core/retention/plan.ts';
import type { PruneOutcome } from '../../flows/retention/apply-prune.ts';
import type { PrunePlan } from '../../flows/retention/plan-prune.ts';
import type { PlanDetails } from '../json/retention.ts';
import type { Output, Painter } from '../terminal/output.ts';
import { formatBytes, plural } from './quantities.ts';
import { renderTable } from './table.ts';
import { formatMinute, isoTime } from './times.ts';

/**
 * A table of all snapshots of a plan, newest first, and what it comes to.
 *
 * @param options.isSimulated - times are shown as they were given, not as those of snapshots are shown elsewhere
 */
export function renderPlan(
  out: Output,
  { keep, remove }: RetentionPlan,
  { isSimulated = false }: { readonly isSimulated?: boolean } = {},
): string[] {
  const format = isSimulated ? isoTime : formatMinute;
  const rows = merge(keep, remove);
  const table = renderTable(
    out,
    [
      { title: 'SNAPSHOT', text: ({ id }) => escapeText(id) },
      { title: 'TAKEN', text: ({ atSec }) => format(atSec) },
      { title: 'DO', text: (row) => ('reasons' in row ? 'keep' : out.tone('removed', 'remove')) },
      { title: 'WHY', text: (row) => escapeText('reasons' in row ? row.reasons.join(', ') : reasonText(row, format)) },
    ],
    rows,
  );
  return [
    ...(rows.length === 0 ? [] : table),
    `${plural(rows.length, 'snapshot')}: ${keep.length} kept, ${remove.length} removed`,
  ];
}

function reasonText({ rule, sinceSec, reason }: Removed, format: (atSec: number) => string): string {
  return sinceSec === undefined ? reason : `not kept by ${rule} since ${format(sinceSec)}`;
}

/** Two lists, each newest first, as one. */
function merge(keep: readonly Kept[], remove: readonly Removed[]): (Kept | Removed)[] {
  return [...keep, ...remove].sort((a, b) => b.atSec - a.atSec || (a.id < b.id ? 1 : -1));
}

/** Why one snapshot stays, and when it goes; or why it goes. */
export function renderExplanation(out: Painter, explained: Explanation): string[] {
  const id = out.tone('strong', escapeText(explained.id));
  if (!explained.isKept) return [`${id} is removed: ${escapeText(explained.reason)}`];
  const width = Math.max(...explained.reasons.map(({ reason }) => reason.length));
  return [
    explained.reasons.length === 1
      ? `${id} is kept. It goes:`
      : `${id} is kept. It goes when all of these have come to their end:`,
    ...explained.reasons.map(({ reason, goes }) => ` ${escapeText(reason.padEnd(width))}  ${goes}`),
  ];
}

/** What else a plan for a repository comes to. */
export function renderDetails({ drop = [], freedBytes }: PlanDetails): string[] {
  return [
    ...(drop.length === 0 ? [] : [`out of the trash for good: ${drop.join(', ')}`]),
    ...(freedBytes === undefined
      ? []
      : [`${formatBytes(freedBytes)} come free once grace periods are over and git has cleaned up`]),
  ];
}

/** What goes to the trash, each with its reason, and what goes out of it for good. `would`: before anybody has agreed. */
export function renderGoing({ remove, drop }: PrunePlan, { would = false } = {}): string[] {
  const verb = would ? 'would go ' : '';
  return [
    ...remove.map(
      (removed) => `${verb}to the trash: ${escapeText(removed.id)}  ${escapeText(reasonText(removed, formatMinute))}`,
    ),
    ...drop.map(
      ({ fate, endSec }) => `${verb}for good: ${fate.snapshot.id}  grace period over since ${formatMinute(endSec)}`,
    ),
  ];
}

/** What was done. */
export function renderPruned(plan: PrunePlan, outcome: PruneOutcome['outcome']): string[] {
  if (outcome === 'nothing-to-do') return ['nothing to prune'];
  const { remove, drop } = plan;
  return [
    ...renderGoing(plan),
    `${plural(remove.length, 'snapshot')} to the trash, ${drop.length} dropped; "git snapshot trash" lists what can be had back`,
  ];
}
