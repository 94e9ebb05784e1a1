import type { RehearsalResult } from '../../flows/rehearsal/results.ts';
import { DONE, GATE_SAID_NO } from '../exit-code.ts';
import { handle } from '../handler.ts';
import { rehearsalJson } from '../json/rehearsal.ts';
import { REHEARSE, REHEARSE_AND_DIE } from '../specs/rehearsing.ts';
import { isPrinted, openPages, type PageTarget, writePage } from '../tell/write-page.ts';
import type { Output } from '../terminal/output.ts';

/** `git snapshot rehearse`. */
export const rehearse = handle(REHEARSE, async ({ args, directory, out, app }) => {
  const [markdown, html] = await openPages([args.markdown, args.html], { directory, out });
  const { rehearsal } = await app();
  const result = await rehearsal.rehearse({
    set: args.set,
    snapshot: args.snapshot,
    environment: args.env,
    allLive: args.allLive,
    sample: args.sample ?? 0,
    faults: args.faults,
    health: args.health,
    record: !args.noRecord,
  });
  const { report } = result;
  await writePages(out, { markdown, html, result });
  if (out.settings.json) out.json(rehearsalJson(report));
  else if (!isPrinted(markdown, html)) {
    const { renderRehearsal } = await import('../render/rehearsal/rehearsal.ts');
    out.lines(renderRehearsal(out, result));
  }
  return report.verdict === 'pass' ? DONE : GATE_SAID_NO;
});

/** `git snapshot rehearse-and-die`: what `rehearse --faults` runs in its scratch repository. Nobody sees it end. */
export const rehearseAndDie = handle(REHEARSE_AND_DIE, async ({ args, app }) => {
  const { rehearsal } = await app();
  await rehearsal.rollBackAndDie({ set: args.set ?? '', snapshot: args.snapshot, move: args.move ?? 1 });
  return DONE;
});

interface Pages {
  readonly markdown: PageTarget | undefined;
  readonly html: PageTarget | undefined;
  readonly result: RehearsalResult;
}

async function writePages(out: Output, { markdown, html, result }: Pages): Promise<void> {
  const write = async (page: PageTarget, text: string) => {
    await writePage(out, page, { text });
    if (page.path !== undefined) out.note(`The report is in '${page.name}'.`);
  };
  if (markdown !== undefined) {
    const { rehearsalMarkdown } = await import('../render/rehearsal/rehearsal-markdown.ts');
    await write(markdown, rehearsalMarkdown(result));
  }
  if (html !== undefined) {
    const { rehearsalHtml } = await import('../render/rehearsal/rehearsal-html.ts');
    await write(html, rehearsalHtml(result));
  }
}
