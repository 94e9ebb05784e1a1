import { escapeText } from '../../core/byte-string.ts';
import type { LogEntry } from '../../flows/results.ts';
import { DONE } from '../exit-codes.ts';
import { handle } from '../handler.ts';
import { logEntryJson } from '../json/results.ts';
import { parseSince } from '../parse/text-values.ts';
import { type Column, renderTable } from '../render/table.ts';
import { formatMinute } from '../render/times.ts';
import { LOG } from '../specs/reading.ts';

const COLUMNS: readonly Column<LogEntry>[] = [
  { title: 'NO', align: 'right', text: ({ seq }) => String(seq) },
  { title: 'AT', text: ({ atSec }) => formatMinute(atSec) },
  { title: 'EVENT', tone: 'changed', text: ({ type }) => escapeText(type) },
  { title: 'ACTOR', text: ({ actor }) => escapeText(actor) },
  { title: 'WHAT', text: ({ summary }) => escapeText(summary) },
];

/** `git snapshot log`. */
export const log = handle(LOG, async ({ args, io, out, app }) => {
  const entries = await (await app()).log({
    set: args.set,
    limit: args.limit,
    types: args.type,
    sinceSec: args.since === undefined ? undefined : parseSince(args.since, io.now()),
    snapshot: args.snapshot,
  });
  if (out.settings.json) out.json(entries.map(logEntryJson));
  else if (entries.length === 0) out.note('no events');
  else out.lines(renderTable(out, COLUMNS, entries));
  return DONE;
});
