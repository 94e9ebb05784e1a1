import { confirmPromote } from '../ask/confirm-promote.ts';
import { DONE, GATE_SAID_NO } from '../exit-code.ts';
import { handle } from '../handler.ts';
import { promoteJson } from '../json/promotion.ts';
import { nameOf, renderPromote } from '../render/promotion.ts';
import { PROMOTE } from '../specs/promoting.ts';
import { showWhatFailed } from '../tell/show-what-failed.ts';

/** `git snapshot promote`. */
export const promote = handle(PROMOTE, async (run) => {
  const { args, out } = run;
  const { snapshot, environment, set, message, dryRun, breakGlass, yes } = args;
  const { promotion } = await run.app();
  const asked = {
    set,
    environment,
    snapshot,
    message,
    dryRun,
    breakGlass,
    confirm: yes ? undefined : confirmPromote(run),
  };
  const result = await showWhatFailed(run, promotion.promote(asked));
  if (out.settings.json) out.json(promoteJson(result));
  else if (out.settings.quiet && !dryRun) out.line(nameOf(result));
  else out.lines(renderPromote(out, result, out.settings));
  const isHeldUp = !breakGlass && result.gates.some(({ verdict }) => verdict !== 'pass');
  return isHeldUp ? GATE_SAID_NO : DONE;
});
