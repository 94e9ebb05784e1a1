import { ANSWER_IS_NO, DONE } from '../exit-code.ts';
import { handle } from '../handler.ts';
import { renderCheckups } from '../render/checkups.ts';
import { DOCTOR } from '../specs/watching.ts';

/** `git snapshot doctor`. */
export const doctor = handle(DOCTOR, async ({ out, app }) => {
  const checks = await (await app()).watch.examine();
  const isWell = checks.every(({ verdict }) => verdict !== 'wrong');
  if (out.settings.json)
    out.json({ ok: isWell, checks: checks.map((checkup) => ({ ...checkup, hint: checkup.hint ?? null })) });
  else out.lines(renderCheckups(out, checks));
  return isWell ? DONE : ANSWER_IS_NO;
});
