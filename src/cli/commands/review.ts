import { ANSWER_IS_NO, DONE } from '../exit-code.ts';
import { handle } from '../handler.ts';
import { reviewJson } from '../json/review.ts';
import { parsePromotionName } from '../parse/promotion-name.ts';
import { markdownBytes } from '../render/markdown/markdown-bytes.ts';
import { REVIEW } from '../specs/review.ts';
import { readChangedFiles, storedSide } from '../tell/read-changed-files.ts';
import { openPages, STANDARD_OUTPUT, writePage } from '../tell/write-page.ts';

const ANY = { environment: undefined, number: undefined };

/** `git snapshot review`. */
export const review = handle(REVIEW, async ({ args, directory, out, app }) => {
  const maxBytes = markdownBytes(args.maxBytes);
  const [html] = await openPages([args.html, args.markdown ? STANDARD_OUTPUT : undefined], { directory, out });
  const opened = await app();
  const result = await opened.promotion.review({
    set: args.set,
    ...(args.promotion === undefined ? ANY : parsePromotionName(args.promotion)),
    quick: args.quick,
    rerun: args.rerun,
  });
  const stored = storedSide(opened);
  const isUnshown = out.settings.json && html === undefined;
  const files = isUnshown
    ? []
    : await readChangedFiles(result.changes ?? [], { before: stored, after: stored, private: args.private });
  const page = { result, files };
  if (html !== undefined) {
    const { reviewHtml } = await import('../render/review/review-html.ts');
    await writePage(out, html, { text: reviewHtml(page) });
  }
  if (out.settings.json) out.json(reviewJson(result));
  else if (args.markdown) {
    const { reviewMarkdown } = await import('../render/review/review-markdown.ts');
    out.bytes(Buffer.from(reviewMarkdown(page, { maxBytes })));
  } else if (html === undefined) {
    const { renderReview } = await import('../render/review/review.ts');
    out.lines(renderReview(out, page));
  }
  if (html?.path !== undefined) out.note(`The page is in '${html.name}'.`);
  return result.isSound ? DONE : ANSWER_IS_NO;
});
