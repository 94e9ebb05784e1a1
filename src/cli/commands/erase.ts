import type { EraseResult } from '../../flows/retention/erase.ts';
import { ask } from '../ask/confirm-changes.ts';
import { ANSWER_IS_NO, DONE } from '../exit-code.ts';
import { type CommandRun, handle } from '../handler.ts';
import { erasureJson } from '../json/keeping.ts';
import { parsePath } from '../parse/text-values.ts';
import { renderErasure, renderErasureMarkdown } from '../render/erasure.ts';
import type { ArgsOf } from '../spec.ts';
import { ERASE } from '../specs/keeping.ts';
import { PLAIN } from '../terminal/output.ts';

type EraseRun = CommandRun<ArgsOf<typeof ERASE>>;

/** `git snapshot erase`. */
export const erase = handle(ERASE, async (run) => {
  const { args, out } = run;
  const result = args.purge ? await purge(run) : await eraseNamed(run);
  if (out.settings.json) out.json(erasureJson(result));
  else out.lines(args.markdown ? renderErasureMarkdown(result) : renderErasure(out, result));
  // Somebody has to know that content is still there.
  const isLeft = result.report !== undefined && result.report.left.length > 0;
  return isLeft || result.blocked.length > 0 ? ANSWER_IS_NO : DONE;
});

async function eraseNamed(run: EraseRun): Promise<EraseResult> {
  const { set, snapshots, path, dryRun, yes, message } = run.args;
  const confirm = async (planned: EraseResult) =>
    ask(run, {
      lines: renderErasure(PLAIN, planned),
      question: planned.agreed.length < planned.needed ? 'Ask for this?' : 'Erase this? There is no way back.',
    });
  return (await run.app()).retention.erase({
    set,
    snapshots,
    path: path === undefined ? undefined : parsePath(path),
    message,
    dryRun,
    confirm: yes ? undefined : confirm,
  });
}

async function purge({ args, app }: EraseRun): Promise<EraseResult> {
  return (await app()).retention.purge(args.set);
}
