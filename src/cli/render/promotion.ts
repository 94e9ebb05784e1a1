import { escapeText } from '../../core/byte-string.ts';
import { setWords } from '../../core/policy/default-set.ts';
import type { Tally } from '../../core/promotion/tally.ts';
import type { DecisionResult, PromoteResult, PromotionInfo } from '../../flows/promotion/results.ts';
import type { Painter } from '../terminal/output.ts';
import { renderGates } from './gates.ts';
import { plural } from './quantities.ts';
import { formatMinute } from './times.ts';

/** What a promotion does or would do: what goes where, its gates, and what it waits for. */
export function renderPromote(out: Painter, result: PromoteResult, { verbose }: { verbose: boolean }): string[] {
  const { outcome, set, action, snapshot, previous, gates, frozen, breakGlass } = result;
  const what = `${set}/${out.tone('strong', snapshot)}`;
  const where = out.tone('changed', nameOf(result));
  const verb = action === 'promote' ? 'promote' : 'roll back';
  const head = {
    live: `${where}: ${what} is ${out.tone('good', 'live')}`,
    pending: `${where}: ${what} is put up, and waits`,
    planned:
      action === 'promote'
        ? `would ${verb} ${what} to ${result.environment}, as ${where}`
        : `would ${verb} ${result.environment} to ${what}, as ${where}`,
  }[outcome];
  return [
    head,
    ` live before: ${previous ?? 'nothing'}`,
    ...(breakGlass ? [out.tone('bad', ' past every rule of the environment (break glass)')] : []),
    ...frozen.map((name) => ` in the freeze '${escapeText(name)}'`),
    ...(gates.length === 0 ? [] : [' gates:']),
    ...renderGates(out, gates, { verbose }),
    ...(outcome === 'live' || (outcome === 'planned' && isEnough(result)) ? [] : waitLines(result)),
  ];
}

/** `production/3`. */
export function nameOf({ environment, number }: { readonly environment: string; readonly number: number }): string {
  return `${environment}/${number}`;
}

function isEnough({ tally }: Pick<PromoteResult, 'tally'>): boolean {
  return tally.isEnough;
}

function waitLines(result: { set: string; environment: string; number: number; tally: Tally }): string[] {
  const { set, tally } = result;
  const missing = tally.needed - tally.approved.length;
  return [
    ` approvals: ${tallyText(tally)}`,
    ...(tally.rejected.length === 0 ? [] : [` rejected by: ${tally.rejected.join(', ')}`]),
    ` who may approve: ${tally.others.join(', ') || 'nobody'}`,
    ...(tally.others.length < missing
      ? [` ${plural(missing, 'approval')} missing, and too few people who may give them: change the policy`]
      : [` with: git snapshot approve ${nameOf(result)}${setWords(set)} -m WHY`]),
  ];
}

/** `1 of 2 (ben)`. */
function tallyText({ needed, approved }: Tally): string {
  return `${approved.length} of ${needed}${approved.length === 0 ? '' : ` (${approved.join(', ')})`}`;
}

/** A promotion that somebody is about to judge, or has judged. */
export function renderPromotion(out: Painter, info: PromotionInfo): string[] {
  const { set, snapshot, action, promoter, author, atSec, reason, gates, opinions, breakGlass } = info;
  return [
    `${out.tone('changed', nameOf(info))}: ${action} of ${set}/${out.tone('strong', snapshot)}, ${info.status}`,
    ` by ${escapeText(promoter)} at ${formatMinute(atSec)}: ${escapeText(reason)}`,
    ` taken by ${author === undefined ? 'nobody who counts' : escapeText(author)}`,
    ...(gates.length === 0 ? [] : [` gates: ${gates.map(({ name, verdict }) => `${name} ${verdict}`).join(', ')}`]),
    ...(breakGlass ? [' past every rule of the environment (break glass)'] : []),
    ...opinions.map(
      ({ person, decision, reason: why }) =>
        ` ${escapeText(person)}: ${decision}${why === undefined ? '' : `, ${escapeText(why)}`}`,
    ),
  ];
}

const DONE = { approve: 'approved', reject: 'rejected', withdraw: 'taken back what you said of' } as const;

/** What a decision led to. */
export function renderDecision(out: Painter, { decision, promotion }: DecisionResult): string[] {
  const { set, snapshot, environment, status } = promotion;
  const lines = [`${DONE[decision]} ${out.tone('changed', nameOf(promotion))}`];
  if (status === 'live')
    return [...lines, ` ${set}/${out.tone('strong', snapshot)} is ${out.tone('good', 'live')} in ${environment}`];
  const what = status === 'rejected' ? rejectedLines(promotion) : waitLines(promotion);
  return [...lines, ` ${set}/${snapshot} is ${status}`, ...what];
}

/** Nobody else's approval helps. */
function rejectedLines(promotion: PromotionInfo): string[] {
  const { tally, set } = promotion;
  const [one = '', ...others] = tally.rejected;
  const who =
    others.length === 0
      ? `${one} approves it, or withdraws`
      : `${tally.rejected.join(' and ')} each approve it, or withdraw`;
  return [
    ` approvals: ${tallyText(tally)}`,
    ` rejected by: ${tally.rejected.join(', ')}`,
    ` stays rejected, whoever else approves it, until ${who} the rejection: git snapshot reject ${nameOf(promotion)}${setWords(set)} --withdraw -m WHY`,
  ];
}
