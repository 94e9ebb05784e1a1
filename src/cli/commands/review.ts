import { resolve } from 'node:path';
import { ANSWER_IS_NO, DONE } from '../exit-codes.ts';
import { handle } from '../handler.ts';
import { reviewJson } from '../json/review.ts';
import { parsePromotionName } from '../parse/promotion-name.ts';
import { markdownBytes } from '../render/markdown/markdown-bytes.ts';
import { REVIEW } from '../specs/review.ts';
import { readChangedFiles, storedSide } from '../tell/read-changed-files.ts';
import { writePage } from '../tell/write-page.ts';

const ANY = { environment: undefined, number: undefined };

/** `git snapshot review`. */
export const review = handle(REVIEW, async ({ args, directory, out, app }) => {
  const maxBytes = markdownBytes(args.maxBytes);
  const opened = await app();
  const result = await opened.promotion.review({
    set: args.set,
    ...(args.promotion === undefined ? ANY : parsePromotionName(args.promotion)),
    quick: args.quick,
    rerun: args.rerun,
  });
  const stored = storedSide(opened);
  const isUnshown = out.settings.json && args.html === undefined;
  const files = isUnshown ? [] : await readChangedFiles(result.changes ?? [], { before: stored, after: stored });
  const page = { result, files };
  if (args.html !== undefined) {
    const { reviewHtml } = await import('../render/review/review-html.ts');
    await writePage(resolve(directory, args.html), reviewHtml(page));
  }
  if (out.settings.json) out.json(reviewJson(result));
  else if (args.markdown) {
    const { reviewMarkdown } = await import('../render/review/review-markdown.ts');
    out.bytes(Buffer.from(reviewMarkdown(page, { maxBytes })));
  } else if (args.html === undefined) {
    const { renderReview } = await import('../render/review/review.ts');
    out.lines(renderReview(out, page));
  }
  if (args.html !== undefined) out.note(`The page is in '${args.html}'.`);
  return result.isSound ? DONE : ANSWER_IS_NO;
});
