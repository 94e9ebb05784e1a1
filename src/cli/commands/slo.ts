import { ANSWER_IS_NO, DONE } from '../exit-code.ts';
import { handle } from '../handler.ts';
import { levelsJson } from '../json/levels.ts';
import { parseSince } from '../parse/text-values.ts';
import { renderLevels } from '../render/levels.ts';
import { SLO } from '../specs/watching.ts';

/** `git snapshot slo`. */
export const slo = handle(SLO, async ({ args, io, out, app }) => {
  const sinceSec = args.since === undefined ? undefined : parseSince(args.since, io.now());
  const report = await (await app()).watch.levels({ set: args.set, sinceSec });
  if (out.settings.json) out.json(levelsJson(report));
  else out.lines(renderLevels(out, report));
  return report.broken === 0 ? DONE : ANSWER_IS_NO;
});
