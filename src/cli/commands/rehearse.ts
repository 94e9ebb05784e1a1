import { DONE, GATE_SAID_NO } from '../exit-codes.ts';
import { handle } from '../handler.ts';
import { rehearsalJson } from '../json/rehearsal.ts';
import { REHEARSE } from '../specs/rehearsing.ts';

/** `git snapshot rehearse`. */
export const rehearse = handle(REHEARSE, async ({ args, out, app }) => {
  const { rehearsal } = await app();
  const result = await rehearsal.rehearse({
    set: args.set,
    snapshot: args.snapshot,
    environment: args.env,
    allLive: args.allLive,
    sample: args.sample ?? 0,
    record: !args.noRecord,
  });
  const { report } = result;
  if (out.settings.json) out.json(rehearsalJson(report));
  else {
    const { renderRehearsal } = await import('../render/rehearsal.ts');
    out.lines(renderRehearsal(out, result));
  }
  return report.verdict === 'pass' ? DONE : GATE_SAID_NO;
});
