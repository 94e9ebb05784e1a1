import type { ByteString } from '../../core/byte-string.ts';
import type { Change, DiffResult } from '../../flows/results.ts';
import type { App } from '../app.ts';
import { DONE } from '../exit-codes.ts';
import { handle } from '../handler.ts';
import { diffJson } from '../json/results.ts';
import { parsePath } from '../parse/text-values.ts';
import { renderNameStatus, renderStat } from '../render/changes.ts';
import { DIFF } from '../specs/reading.ts';
import type { Output } from '../terminal/output.ts';

/** Larger files are only said to differ: a patch of them is no reading matter. */
const MAX_PATCH_BYTES = 4 << 20;

/** `git snapshot diff`. */
export const diff = handle(DIFF, async ({ args, out, app }) => {
  const opened = await app();
  const result = await opened.diff({
    set: args.set,
    from: args.from ?? 'current',
    to: args.to,
    paths: args.path.map(parsePath),
  });
  if (out.settings.json) out.json(diffJson(result));
  else if (args.patch) await printPatches(out, opened, result);
  else out.lines(args.stat ? renderStat(out, result.changes) : renderNameStatus(out, result.changes));
  return DONE;
});

async function printPatches(out: Output, app: App, result: DiffResult): Promise<void> {
  const { displayPatch, patchText } = await import('../render/patch.ts');
  for (const change of result.changes) {
    const patch = patchText({ change, ...(await contents(app, result, change)) });
    if (out.widthCells === undefined) out.bytes(Buffer.from(patch, 'latin1'));
    else out.lines(displayPatch(out, patch));
  }
}

async function contents(app: App, { from: start, to: end }: DiffResult, change: Change) {
  const { status, from, to, path } = change;
  let before: ByteString | undefined;
  let after: ByteString | undefined;
  if (status === 'P') return { before, after };
  if (from !== undefined && from.size <= MAX_PATCH_BYTES) before = await app.blob(from.oid, MAX_PATCH_BYTES);
  if (to !== undefined && to.size <= MAX_PATCH_BYTES) {
    after =
      end === undefined
        ? await app.liveFile({ set: start.set, path }, MAX_PATCH_BYTES)
        : await app.blob(to.oid, MAX_PATCH_BYTES);
  }
  return { before, after };
}
