import { displayBytes, utf8Encode } from '../../core/byte-string.ts';
import type { RollbackResult } from '../../flows/results.ts';
import type { Output, Painter } from '../terminal/output.ts';
import { renderStatusLines } from './changes.ts';
import { formatCount, formatDuration, plural } from './quantities.ts';

const MAX_PLANNED = 20;

/** What a rollback or restore did, or would do. */
export function renderRollback(out: Output, result: RollbackResult): string[] {
  const { outcome, set, to, backup, rescued, appeared } = result;
  if (outcome === 'nothing-to-do') return [`nothing to do: ${set} is at ${to}`];
  if (outcome === 'planned') return renderPlan(out, result, out.settings.verbose ? result.paths.length : MAX_PLANNED);
  const verb = outcome === 'applied' ? 'is now at' : 'is back at';
  const at = outcome === 'applied' ? to : (result.from ?? 'the former state');
  const lines = [
    `${set} ${verb} ${out.tone('strong', at)} (${formatDuration(result.durationMs)})`,
    ` ${countText(result)}`,
  ];
  if (out.settings.verbose) lines.push(...renderStatusLines(out, result.paths, result.paths.length));
  if (backup !== undefined) lines.push(` what was there before is kept as ${backup}`);
  if (rescued.length > 0) {
    lines.push(
      out.tone(
        'bad',
        ` ${plural(rescued.length, 'file')} changed by another program meanwhile; what they held is kept:`,
      ),
    );
    lines.push(...rescued.map(({ path, keptAs }) => `   ${displayBytes(path)} -> ${displayBytes(utf8Encode(keptAs))}`));
  }
  if (appeared.length > 0) {
    lines.push(` ${plural(appeared.length, 'path')} made by another program meanwhile, and left alone:`);
    lines.push(...appeared.map((path) => `   ${displayBytes(path)}`));
  }
  return lines;
}

/** The plan, before it is confirmed or instead of doing it. */
export function renderPlan(out: Painter, result: RollbackResult, max: number): string[] {
  const { set, from, to, paths } = result;
  const start = from === undefined ? '' : ` from ${from}`;
  return [
    `would put ${set}${start} to ${out.tone('strong', to)}`,
    ` ${countText(result)}`,
    ...renderStatusLines(out, paths, max),
  ];
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
