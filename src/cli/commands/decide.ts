import type { PromotionInfo } from '../../flows/promotion/results.ts';
import { ask } from '../ask/confirm-changes.ts';
import { DONE } from '../exit-code.ts';
import { type CommandRun, handle } from '../handler.ts';
import { promotionJson } from '../json/promotion.ts';
import { parsePromotionName } from '../parse/promotion-name.ts';
import { nameOf, renderDecision, renderPromotion } from '../render/promotion.ts';
import type { ArgsOf } from '../spec.ts';
import { APPROVE, REJECT } from '../specs/promoting.ts';
import { PLAIN } from '../terminal/output.ts';

/** `git snapshot approve`. */
export const approve = handle(APPROVE, async (run) => decide(run, run.args.withdraw ? 'withdraw' : 'approve'));

/** `git snapshot reject`. */
export const reject = handle(REJECT, async (run) => decide(run, run.args.withdraw ? 'withdraw' : 'reject'));

const QUESTIONS = {
  approve: 'Approve this?',
  reject: 'Reject this?',
  withdraw: 'Take back what you said of this?',
} as const;

async function decide(
  run: CommandRun<ArgsOf<typeof APPROVE>>,
  decision: 'approve' | 'reject' | 'withdraw',
): Promise<number> {
  const { args, out } = run;
  const name = parsePromotionName(args.promotion);
  const { message } = args;
  const confirm = async (info: PromotionInfo) =>
    ask(run, { lines: renderPromotion(PLAIN, info), question: QUESTIONS[decision] });
  const { promotion: app } = await run.app();
  const asked = { ...name, set: args.set, decision, message, confirm: args.yes ? undefined : confirm };
  const result = await app.decide(asked);
  if (out.settings.json) out.json({ decision, promotion: promotionJson(result.promotion) });
  else if (out.settings.quiet) out.line(nameOf(result.promotion));
  else out.lines(renderDecision(out, result));
  return DONE;
}
