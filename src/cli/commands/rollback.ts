import { confirmEnvironmentRollback, confirmPlan } from '../ask/confirm-plan.ts';
import { pastGates } from '../ask/past-gates.ts';
import { DONE } from '../exit-code.ts';
import { handle } from '../handler.ts';
import { parsePath } from '../parse/text-values.ts';
import { ROLLBACK } from '../specs/going-back.ts';
import { reportEnvironmentRollback } from '../tell/report-environment-rollback.ts';
import { reportRollback } from '../tell/report-rollback.ts';
import { showWhatFailed } from '../tell/show-what-failed.ts';

/** `git rollback`. */
export const rollback = handle(ROLLBACK, async (run) => {
  const { args, out } = run;
  const { set, snapshot, steps, message, yes, dryRun, env } = args;
  if (args.continue) {
    const app = await run.app();
    return reportRollback(out, await showWhatFailed(run, app.continueRollback({ set })));
  }
  if (args.abort) {
    reportRollback(out, await (await run.app()).abortRollback({ set }));
    return DONE;
  }
  const past = pastGates(args);
  const paths = args.path.map(parsePath);
  const partial = paths.length > 0;
  const app = await run.app();
  if (env !== undefined) {
    const confirm = confirmEnvironmentRollback(run, { yes, dryRun });
    const asked = { environment: env, set, snapshot, steps, message, dryRun, pastGates: past, confirm };
    return reportEnvironmentRollback(out, await showWhatFailed(run, app.promotion.rollback(asked)), { past });
  }
  const confirm = confirmPlan(run, { yes, dryRun, partial });
  const unnamed = !args.undo && !partial && snapshot === undefined && steps === undefined;
  const work = args.undo
    ? app.undoRollback({ set, message, dryRun, confirm })
    : app.rollback({ set, snapshot, steps, message, dryRun, pastGates: past, paths, confirm });
  return reportRollback(out, await showWhatFailed(run, work), { partial, past, unnamed });
});
