import { resolve } from 'node:path';
import { ANSWER_IS_NO, DONE } from '../exit-codes.ts';
import { handle } from '../handler.ts';
import { reportJson } from '../json/report.ts';
import { parseSince } from '../parse/text-values.ts';
import { REPORT } from '../specs/watching.ts';
import { writePage } from '../tell/write-page.ts';

/** What happened is told of the last so many days, unless --since says otherwise. */
const PERIOD = '30d';

/** `git snapshot report`. */
export const report = handle(REPORT, async ({ args, directory, io, out, app }) => {
  const sinceSec = parseSince(args.since ?? PERIOD, io.now());
  const result = await (await app()).watch.report({ sinceSec });
  if (args.html !== undefined) {
    const { reportHtml } = await import('../render/report/report-html.ts');
    await writePage(resolve(directory, args.html), reportHtml(result));
  }
  if (args.markdown !== undefined) {
    const { reportMarkdown } = await import('../render/report/report-markdown.ts');
    await writePage(resolve(directory, args.markdown), reportMarkdown(result));
  }
  const written = [args.html, args.markdown].filter((file) => file !== undefined);
  if (out.settings.json) out.json(reportJson(result));
  else if (written.length === 0) {
    const { renderReport } = await import('../render/report/report-text.ts');
    out.lines(renderReport(out, result));
  } else out.note(`The report is in '${written.join("' and '")}'.`);
  return result.proof.findings.length === 0 ? DONE : ANSWER_IS_NO;
});
