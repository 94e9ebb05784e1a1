import { confirmPlan } from '../confirm-plan.ts';
import { handle } from '../handler.ts';
import { parsePath } from '../parse/text-values.ts';
import { pastGates } from '../past-gates.ts';
import { reportRollback } from '../report-rollback.ts';
import { showWhatFailed } from '../show-what-failed.ts';
import { RESTORE } from '../specs/going-back.ts';

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
