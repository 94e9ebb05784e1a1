import { escapeText } from '../../core/byte-string.ts';
import { requireName } from '../../core/refs.ts';
import { parseLabel } from '../../core/snapshot/label.ts';
import type { SnapshotInfo } from '../../flows/results.ts';
import { DONE } from '../exit-codes.ts';
import { handle } from '../handler.ts';
import { snapshotJson } from '../json/snapshot.ts';
import { parseSince } from '../parse/text-values.ts';
import { formatBytes, formatCount } from '../render/quantities.ts';
import { type Column, renderTable } from '../render/table.ts';
import { formatAge, formatMinute } from '../render/times.ts';
import { LIST } from '../specs/reading.ts';

/** Below this width the local time gives way to the message: the id tells the time too. */
const WIDE_CELLS = 110;

/** `git snapshot list`. */
export const list = handle(LIST, async ({ args, io, out, app }) => {
  const snapshots = await (await app()).list({
    set: args.set === undefined ? undefined : requireName(args.set, 'set'),
    limit: args.limit,
    labels: args.label.map(parseLabel),
    sinceSec: args.since === undefined ? undefined : parseSince(args.since, io.now()),
  });
  if (out.settings.json) {
    out.json(snapshots.map(snapshotJson));
  } else if (out.settings.quiet) {
    out.lines(snapshots.map(({ id }) => id));
  } else if (snapshots.length === 0) {
    out.note(nothingText(args));
  } else {
    const manySets = new Set(snapshots.map(({ set }) => set)).size > 1;
    const wide = out.widthCells === undefined || out.widthCells >= WIDE_CELLS;
    out.lines(renderTable(out, columns(io.now(), { manySets, wide }), snapshots));
  }
  return DONE;
});

function nothingText({
  set,
  label,
  since,
}: {
  set: string | undefined;
  label: readonly string[];
  since: string | undefined;
}): string {
  const what = label.length === 0 && since === undefined ? 'no snapshots' : 'no such snapshots';
  return set === undefined ? what : `${what} of the set '${set}'`;
}

function columns(nowMs: number, { manySets, wide }: { manySets: boolean; wide: boolean }): Column<SnapshotInfo>[] {
  return [
    { title: 'SNAPSHOT', tone: 'changed', text: ({ set, id }) => (manySets ? `${set}/${id}` : id) },
    ...(wide ? [{ title: 'TAKEN', text: ({ takenAtSec }: SnapshotInfo) => formatMinute(takenAtSec) }] : []),
    { title: 'AGE', text: ({ takenAtSec }) => formatAge(takenAtSec, nowMs) },
    { title: 'FILES', align: 'right', text: ({ files }) => formatCount(files) },
    { title: 'SIZE', align: 'right', text: ({ bytes }) => formatBytes(bytes) },
    {
      title: 'MESSAGE',
      text: ({ message, labels }) =>
        escapeText([message, ...labels.map(({ key, value }) => `[${key}=${value}]`)].join(' ')),
    },
  ];
}
