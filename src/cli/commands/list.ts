import { escapeText } from '../../core/byte-string.ts';
import { requireName } from '../../core/refs.ts';
import type { Label } from '../../core/snapshot/label.ts';
import type { SnapshotSummary } from '../../core/snapshot/snapshot-info.ts';
import { DONE } from '../exit-code.ts';
import { handle } from '../handler.ts';
import { formatBytes, formatCount } from '../render/quantities.ts';
import { type Column, renderTable } from '../render/table.ts';
import { formatAge, formatMinute } from '../render/times.ts';
import { LIST } from '../specs/list.ts';

/** Below this width the local time gives way to the message: the id tells the time too. */
const WIDE_CELLS = 110;

/** `git snapshot list`. */
export const list = handle(LIST, async ({ args, io, out, app, summarize }) => {
  const options = {
    set: args.set === undefined ? undefined : requireName(args.set, 'set'),
    limit: args.limit,
    labels: await labelsOf(args.label),
    sinceSec: args.since === undefined ? undefined : await timeOf(args.since, io.now()),
  };
  if (out.settings.json) {
    const { snapshotJson } = await import('../json/snapshot.ts');
    out.json((await (await app()).list(options)).map(snapshotJson));
    return DONE;
  }
  const snapshots = await summarize(options);
  if (out.settings.quiet) {
    out.lines(snapshots.map(({ id }) => id));
  } else if (snapshots.length === 0) {
    out.note(nothingText(args));
  } else {
    const manySets = snapshots.some(({ set }) => set !== snapshots[0]?.set);
    const wide = out.widthCells === undefined || out.widthCells >= WIDE_CELLS;
    out.lines(renderTable(out, columns(io.now(), { manySets, wide }), snapshots));
  }
  return DONE;
});

// Loaded where they are asked for, like all that a plain list does not need: it is the command that has to be there at once.
async function labelsOf(texts: readonly string[]): Promise<Label[]> {
  return texts.length === 0 ? [] : texts.map((await import('../../core/snapshot/label.ts')).parseLabel);
}

async function timeOf(text: string, nowMs: number): Promise<number> {
  return (await import('../parse/text-values.ts')).parseSince(text, nowMs);
}

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

function columns(nowMs: number, { manySets, wide }: { manySets: boolean; wide: boolean }): Column<SnapshotSummary>[] {
  return [
    { title: 'SNAPSHOT', tone: 'changed', text: ({ set, id }) => (manySets ? `${set}/${id}` : id) },
    ...(wide ? [{ title: 'TAKEN', text: ({ takenAtSec }: SnapshotSummary) => formatMinute(takenAtSec) }] : []),
    { title: 'AGE', text: ({ takenAtSec }) => formatAge(takenAtSec, nowMs) },
    { title: 'FILES', align: 'right', text: ({ files }) => formatCount(files) },
    { title: 'SIZE', align: 'right', text: ({ bytes }) => formatBytes(bytes) },
    {
      title: 'MESSAGE',
      text: ({ message, labels }) =>
        escapeText(labels.reduce((text, { key, value }) => `${text} [${key}=${value}]`, message)),
    },
  ];
}
