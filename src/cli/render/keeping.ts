import { escapeText } from '../../core/byte-string.ts';
import { spanText } from '../../core/length-text.ts';
import type { HoldInfo } from '../../flows/retention/hold.ts';
import type { TrashInfo } from '../../flows/retention/trash.ts';
import type { Column } from './table.ts';
import { formatMinute } from './times.ts';

/** The columns of `holds`. */
export function holdColumns(holds: readonly HoldInfo[]): Column<HoldInfo>[] {
  const manySets = new Set(holds.map(({ set }) => set)).size > 1;
  return [
    { title: 'CASE', tone: 'changed', text: (hold) => hold.case },
    { title: 'SNAPSHOT', text: ({ set, snapshot }) => (manySets ? `${set}/${snapshot}` : snapshot) },
    { title: 'BY', spare: true, text: ({ by }) => escapeText(by) },
    { title: 'SINCE', spare: true, text: ({ sinceSec }) => formatMinute(sinceSec) },
    {
      title: 'UNTIL',
      text: ({ untilSec, over }) =>
        untilSec === undefined ? 'its release' : `${formatMinute(untilSec)}${over ? ' (over)' : ''}`,
    },
    { title: 'WHY', text: ({ reason }) => escapeText(reason) },
  ];
}

/** The columns of `trash`. @param nowSec - seconds since the epoch */
export function trashColumns(nowSec: number): Column<TrashInfo>[] {
  return [
    { title: 'SNAPSHOT', tone: 'changed', text: ({ snapshot }) => snapshot },
    { title: 'REMOVED', spare: true, text: ({ removedAtSec }) => formatMinute(removedAtSec) },
    { title: 'LEFT', text: ({ endsAtSec, over }) => (over ? 'none' : spanText(endsAtSec - nowSec)) },
    { title: 'WHY', text: ({ rule }) => escapeText(rule) },
  ];
}
