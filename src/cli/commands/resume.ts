import { escapeText } from '../../core/byte-string.ts';
import type { HoldAfterRollback } from '../../flows/promotion/results.ts';
import { ask } from '../ask/confirm-changes.ts';
import { DONE } from '../exit-code.ts';
import { handle } from '../handler.ts';
import { resumeJson } from '../json/promotion.ts';
import { formatMinute } from '../render/times.ts';
import { RESUME } from '../specs/promoting.ts';

/** `git snapshot resume`. */
export const resume = handle(RESUME, async (run) => {
  const { args, out } = run;
  const { set, environment, yes } = args;
  const { message } = args;
  const confirm = async (hold: HoldAfterRollback) =>
    ask(run, { lines: holdLines(environment, hold), question: 'Let promotions in again?' });
  const { promotion } = await run.app();
  const result = await promotion.resume({ set, environment, message, confirm: yes ? undefined : confirm });
  if (out.settings.json) out.json(resumeJson(result));
  else if (!out.settings.quiet)
    out.line(`${out.tone('changed', environment)} takes promotions again; on hold since ${sinceText(result.hold)}`);
  return DONE;
});

function holdLines(environment: string, hold: HoldAfterRollback): string[] {
  return [`${environment}: on hold since ${sinceText(hold)}`, ` ${escapeText(hold.reason)}`];
}

function sinceText({ sinceSec, by, number }: HoldAfterRollback): string {
  return `${formatMinute(sinceSec)}, when ${escapeText(by)} rolled it back (number ${number})`;
}
