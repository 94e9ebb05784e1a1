import { DONE } from '../exit-code.ts';
import { handle } from '../handler.ts';
import { trashJson } from '../json/keeping.ts';
import { trashColumns } from '../render/keeping.ts';
import { renderTable } from '../render/table.ts';
import { TRASH, UNDELETE } from '../specs/keeping.ts';

/** `git snapshot trash`. */
export const trash = handle(TRASH, async ({ args, io, out, app }) => {
  const found = await (await app()).retention.trash(args.set);
  if (out.settings.json) out.json(found.map(trashJson));
  else if (found.length === 0) out.note('the trash is empty');
  else out.lines(renderTable(out, trashColumns(Math.floor(io.now() / 1000)), found));
  return DONE;
});

/** `git snapshot undelete`. */
export const undelete = handle(UNDELETE, async ({ args, out, app }) => {
  const { set, snapshots, message } = args;
  const brought = await (await app()).retention.undelete({ set, snapshots, message });
  if (out.settings.json) out.json(brought);
  else for (const one of brought) out.line(`${one.set}/${one.snapshot} is back`);
  return DONE;
});
