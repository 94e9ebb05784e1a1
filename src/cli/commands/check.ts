import { DONE, GATE_SAID_NO } from '../exit-code.ts';
import { handle } from '../handler.ts';
import { checkJson } from '../json/promotion.ts';
import { renderGates } from '../render/gates.ts';
import { CHECK } from '../specs/promoting.ts';

/** `git snapshot check`. */
export const check = handle(CHECK, async ({ args, out, app }) => {
  const { quiet, json } = out.settings;
  const { promotion } = await app();
  const result = await promotion.check({ set: args.set, snapshot: args.snapshot ?? 'current', gates: args.gate });
  if (json) out.json(checkJson(result));
  else {
    const shown = quiet ? result.gates.filter(({ verdict }) => verdict !== 'pass') : result.gates;
    const verdict = result.ok ? out.tone('good', 'ok') : out.tone('bad', 'FAIL');
    if (!quiet || !result.ok) out.line(`${result.set}/${result.snapshot}: ${verdict}`);
    out.lines(renderGates(out, shown, out.settings));
    if (result.gates.length === 0) out.note('the policy has no gates: signature, log and every byte are good');
  }
  return result.ok ? DONE : GATE_SAID_NO;
});
