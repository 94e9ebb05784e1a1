import { confirmPlan } from '../ask/confirm-plan.ts';
import { pastGates } from '../ask/past-gates.ts';
import { handle } from '../handler.ts';
import { parsePath } from '../parse/text-values.ts';
import { RESTORE } from '../specs/going-back.ts';
import { reportRollback } from '../tell/report-rollback.ts';
import { showWhatFailed } from '../tell/show-what-failed.ts';

/** `git snapshot restore`. */
export const restore = handle(RESTORE, async (run) => {
  const { args } = run;
  const past = pastGates(args);
  const paths = args.path.map(parsePath);
  const { set, snapshot, message, yes, dryRun } = args;
  const partial = paths.length > 0;
  const confirm = confirmPlan(run, { yes, dryRun, partial });
  const app = await run.app();
  const result = await showWhatFailed(
    run,
    app.restore({ set, snapshot, message, dryRun, pastGates: past, paths, confirm }),
  );
  return reportRollback(run.out, result, { partial, past });
});
