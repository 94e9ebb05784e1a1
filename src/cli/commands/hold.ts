import { SnapshotError } from '../../core/errors.ts';
import type { HoldInfo } from '../../flows/retention/hold.ts';
import { DONE } from '../exit-code.ts';
import { handle } from '../handler.ts';
import { holdJson } from '../json/keeping.ts';
import { parseUntil } from '../parse/until.ts';
import { holdColumns } from '../render/keeping.ts';
import { renderTable } from '../render/table.ts';
import { formatMinute } from '../render/times.ts';
import { HOLD, HOLDS, RELEASE } from '../specs/keeping.ts';

/** `git snapshot hold`. */
export const hold = handle(HOLD, async ({ args, io, out, app }) => {
  if (args.case === undefined)
    throw new SnapshotError('usage', 'no case named', { hint: 'Name it with --case: releasing the hold needs it.' });
  const { message } = args;
  const untilSec = args.until === undefined ? undefined : parseUntil(args.until, io.now());
  const { retention } = await app();
  const held = await retention.hold({ set: args.set, snapshot: args.snapshot, case: args.case, message, untilSec });
  if (out.settings.json) out.json(holdJson(held));
  else out.line(`hold ${held.case} is on ${held.set}/${held.snapshot}${until(held)}`);
  return DONE;
});

/** `git snapshot release`. */
export const release = handle(RELEASE, async ({ args, out, app }) => {
  const { message } = args;
  const { retention } = await app();
  const released = await retention.release({ set: args.set, snapshot: args.snapshot, case: args.case, message });
  if (out.settings.json) out.json(holdJson(released));
  else out.line(`hold ${released.case} on ${released.set}/${released.snapshot} is released`);
  return DONE;
});

/** `git snapshot holds`. */
export const holds = handle(HOLDS, async ({ args, out, app }) => {
  const found = await (await app()).retention.holds({ set: args.set, all: args.all });
  if (out.settings.json) out.json(found.map(holdJson));
  else if (found.length === 0) out.note('no holds');
  else out.lines(renderTable(out, holdColumns(found), found));
  return DONE;
});

function until({ untilSec }: HoldInfo): string {
  return untilSec === undefined ? '' : ` until ${formatMinute(untilSec)}`;
}
