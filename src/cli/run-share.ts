import type { ShareApp } from './app/share-app.ts';
import { DONE } from './exit-code.ts';
import type { CommandRun } from './handler.ts';
import { shareJson } from './json/share.ts';
import { parseEventNumbers } from './parse/event-numbers.ts';
import { renderLeftOut, renderShare } from './render/share.ts';
import type { ArgsOf } from './spec.ts';
import type { FETCH } from './specs/share.ts';

/** Runs one of the commands that exchange with a remote, and tells what came and went. */
export async function runShare(run: CommandRun<ArgsOf<typeof FETCH>>, verb: keyof ShareApp): Promise<number> {
  const { args, out } = run;
  const { remote, dryRun, quick } = args;
  const drop = parseEventNumbers(args.drop);
  const { share } = await run.app();
  const result = await share[verb]({ remote, dryRun, quick, drop });
  if (out.settings.json) out.json(shareJson(result));
  else if (!out.settings.quiet || dryRun) out.lines(renderShare(out, result, { sends: verb === 'push' }));
  else out.lines(renderLeftOut(result));
  return DONE;
}
