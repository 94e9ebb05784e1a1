import type { Change, DiffResult } from '../../flows/results.ts';
import type { App } from '../app/app.ts';
import { DONE } from '../exit-code.ts';
import { handle } from '../handler.ts';
import { diffJson } from '../json/results.ts';
import { parsePath } from '../parse/text-values.ts';
import { renderNameStatus, renderStat } from '../render/changes.ts';
import { markdownBytes } from '../render/markdown/markdown-bytes.ts';
import { DIFF } from '../specs/reading.ts';
import { liveSide, type ReadSide, readChangedFiles, storedSide } from '../tell/read-changed-files.ts';
import { openPages, STANDARD_OUTPUT, writePage } from '../tell/write-page.ts';
import type { Output } from '../terminal/output.ts';

/** `git snapshot diff`. */
export const diff = handle(DIFF, async ({ args, directory, out, app }) => {
  const maxBytes = markdownBytes(args.maxBytes);
  const [html] = await openPages([args.html, args.markdown ? STANDARD_OUTPUT : undefined], { directory, out });
  const opened = await app();
  const result = await opened.diff({
    set: args.set,
    from: args.from ?? 'current',
    to: args.to,
    paths: args.path.map(parsePath),
  });
  const isPage = args.markdown || html !== undefined;
  if (isPage) {
    const { diffHtml, diffMarkdown } = await import('../render/diff-pages.ts');
    const page = {
      result,
      files: await readChangedFiles(result.changes, { ...sidesOf(opened, result), private: args.private }),
    };
    if (html !== undefined) await writePage(out, html, { text: diffHtml(page) });
    if (args.markdown) out.bytes(Buffer.from(diffMarkdown(page, { maxBytes })));
  }
  if (out.settings.json) out.json(diffJson(result));
  else if (args.patch) await printPatches(out, opened, result);
  else if (!isPage) out.lines(args.stat ? renderStat(out, result.changes) : renderNameStatus(out, result.changes));
  if (html?.path !== undefined) out.note(`The page is in '${html.name}'.`);
  return DONE;
});

/** What is not a snapshot is the directory as it is. */
function sidesOf(app: App, { from, to }: DiffResult): { before: ReadSide; after: ReadSide } {
  const before = storedSide(app);
  return { before, after: to === undefined ? liveSide(app, from.set) : before };
}

async function printPatches(out: Output, app: App, result: DiffResult): Promise<void> {
  const { displayPatch, patchText } = await import('../render/patch.ts');
  const sides = sidesOf(app, result);
  for (const change of result.changes) {
    const patch = patchText({ change, ...(await contents(change, sides)) });
    if (out.widthCells === undefined) out.bytes(Buffer.from(patch, 'latin1'));
    else out.lines(displayPatch(out, patch));
  }
}

async function contents({ status, from, to }: Change, { before, after }: { before: ReadSide; after: ReadSide }) {
  const isSame = status === 'P';
  return {
    before: isSame || from === undefined ? undefined : await before(from),
    after: isSame || to === undefined ? undefined : await after(to),
  };
}
