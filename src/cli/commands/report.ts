import { ANSWER_IS_NO, DONE } from '../exit-code.ts';
import { handle } from '../handler.ts';
import { reportJson } from '../json/report.ts';
import { parseSince } from '../parse/text-values.ts';
import { REPORT } from '../specs/watching.ts';
import { isPrinted, openPages, writePage } from '../tell/write-page.ts';

/** What happened is told of the last so many days, unless --since says otherwise. */
const PERIOD = '30d';

/** `git snapshot report`. */
export const report = handle(REPORT, async ({ args, directory, io, out, app }) => {
  const [html, markdown] = await openPages([args.html, args.markdown], { directory, out });
  const sinceSec = parseSince(args.since ?? PERIOD, io.now());
  const result = await (await app()).watch.report({ sinceSec });
  if (html !== undefined) {
    const { reportHtml } = await import('../render/report/report-html.ts');
    await writePage(out, html, { text: reportHtml(result) });
  }
  if (markdown !== undefined) {
    const { reportMarkdown } = await import('../render/report/report-markdown.ts');
    await writePage(out, markdown, { text: reportMarkdown(result) });
  }
  const written = [html, markdown].flatMap((page) => (page?.path === undefined ? [] : [page.name]));
  if (out.settings.json) out.json(reportJson(result));
  else if (written.length === 0 && !isPrinted(html, markdown)) {
    const { renderReport } = await import('../render/report/report-text.ts');
    out.lines(renderReport(out, result));
  }
  if (written.length > 0) out.note(`The report is in '${written.join("' and '")}'.`);
  return result.proof.findings.length === 0 ? DONE : ANSWER_IS_NO;
});
