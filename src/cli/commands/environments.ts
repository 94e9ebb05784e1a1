import { escapeText } from '../../core/byte-string.ts';
import { spanText } from '../../core/length-text.ts';
import type { EnvironmentInfo } from '../../flows/promotion/results.ts';
import { DONE } from '../exit-code.ts';
import { handle } from '../handler.ts';
import { environmentJson } from '../json/promotion.ts';
import { type Column, renderTable } from '../render/table.ts';
import { formatAge, formatMinute } from '../render/times.ts';
import { ENVIRONMENTS } from '../specs/promoting.ts';

/** `git snapshot environments`. */
export const environments = handle(ENVIRONMENTS, async ({ args, io, out, app }) => {
  const infos = await (await app()).promotion.environments({ set: args.set });
  if (out.settings.json) out.json(infos.map(environmentJson));
  else out.lines(renderTable(out, columns(infos, io.now()), infos));
  return DONE;
});

/** Columns that would be empty are left out: most policies have neither soak nor freeze. */
function columns(infos: readonly EnvironmentInfo[], nowMs: number): Column<EnvironmentInfo>[] {
  const manySets = new Set(infos.map(({ set }) => set)).size > 1;
  const soak: Column<EnvironmentInfo> = {
    title: 'SOAK LEFT',
    text: ({ soakLeftSec }) => (soakLeftSec === undefined ? '' : soakLeftSec === 0 ? 'none' : spanText(soakLeftSec)),
  };
  const freeze: Column<EnvironmentInfo> = { title: 'NEXT FREEZE', spare: true, text: freezeText };
  return [
    {
      title: 'ENVIRONMENT',
      tone: 'changed',
      text: ({ set, environment }) => (manySets ? `${set}/${environment}` : environment),
    },
    { title: 'LIVE', text: ({ live }) => live?.snapshot ?? 'nothing' },
    {
      title: 'SINCE',
      text: ({ live }) => (live === undefined ? '' : formatAge(live.effectiveAtSec ?? live.atSec, nowMs)),
    },
    { title: 'BY', spare: true, text: ({ live }) => escapeText(live?.promoter ?? '') },
    { title: 'PENDING', text: pendingText },
    ...(infos.some(({ soakLeftSec }) => soakLeftSec !== undefined) ? [soak] : []),
    ...(infos.some(({ hold }) => hold !== undefined) ? [HOLD] : []),
    ...(infos.some(({ frozen, nextFreeze }) => frozen.length > 0 || nextFreeze !== undefined) ? [freeze] : []),
  ];
}

const HOLD: Column<EnvironmentInfo> = {
  title: 'ON HOLD SINCE',
  tone: 'bad',
  text: ({ hold }) =>
    hold === undefined ? '' : escapeText(`${formatMinute(hold.sinceSec)} ${hold.by} rolled back (${hold.number})`),
};

/** Numbers with approvals: `7 (1/2), 8 (rejected)`. */
function pendingText({ pending }: EnvironmentInfo): string {
  return pending
    .map(({ number, status, tally: { approved, needed } }) =>
      status === 'rejected' ? `${number} (rejected)` : `${number} (${approved.length}/${needed})`,
    )
    .join(', ');
}

function freezeText({ frozen, nextFreeze }: EnvironmentInfo): string {
  if (frozen.length > 0) return escapeText(`now: ${frozen.join(', ')}`);
  return nextFreeze === undefined ? '' : escapeText(`${formatMinute(nextFreeze.atSec)} ${nextFreeze.name}`);
}
