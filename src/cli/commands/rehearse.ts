import { resolve } from 'node:path';
import { SnapshotError } from '../../core/errors.ts';
import type { RehearsalResult } from '../../flows/rehearsal/results.ts';
import { DONE, GATE_SAID_NO } from '../exit-codes.ts';
import { type CommandRun, handle } from '../handler.ts';
import { rehearsalJson } from '../json/rehearsal.ts';
import { REHEARSE, REHEARSE_AND_DIE } from '../specs/rehearsing.ts';
import { writePage } from '../tell/write-page.ts';

const STANDARD_OUTPUT = '-';

/** `git snapshot rehearse`. */
export const rehearse = handle(REHEARSE, async (run) => {
  const { args, out, app } = run;
  const pages = [args.markdown, args.html].filter((file) => file === STANDARD_OUTPUT);
  if (pages.length > (out.settings.json ? 0 : 1)) throw printedTwice();
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
  await writePages(run, { markdown: args.markdown, html: args.html, result });
  if (out.settings.json) out.json(rehearsalJson(report));
  else if (pages.length === 0) {
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
  readonly markdown: string | undefined;
  readonly html: string | undefined;
  readonly result: RehearsalResult;
}

async function writePages(
  { out, directory }: Pick<CommandRun<unknown>, 'out' | 'directory'>,
  { markdown, html, result }: Pages,
): Promise<void> {
  const write = async (file: string, text: string) => {
    if (file === STANDARD_OUTPUT) out.bytes(Buffer.from(text));
    else {
      await writePage(resolve(directory, file), text);
      out.note(`The report is in '${file}'.`);
    }
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

function printedTwice(): SnapshotError {
  return new SnapshotError('usage', 'standard output can take one report only', {
    hint: 'Name a file for the other, or leave --json out.',
  });
}
