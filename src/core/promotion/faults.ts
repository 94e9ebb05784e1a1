import { hasRole, personOf } from '../policy/roles.ts';
import type { Policy } from '../policy/schema.ts';
import type { Decision } from './approval-tag.ts';
import { frozenAt } from './freeze.ts';
import type {
  ApprovalEvent,
  PromotionEvent,
  PromotionFault,
  PromotionState,
  SnapshotEvent,
} from './promotion-state.ts';
import { holdFault } from './rollback-hold.ts';
import type { EnvironmentRules } from './rules.ts';
import { rulesOf } from './rules.ts';

/**
 * Why what is promoted is not what the log tells of, or undefined: the payload of one snapshot with the tag of another is neither.
 *
 * @param told - the event of the payload
 */
export function snapshotFault(
  { set, snapshot }: PromotionEvent,
  told: SnapshotEvent | undefined,
): PromotionFault | undefined {
  if (told === undefined) return { rule: 'snapshot', detail: `promotes ${snapshot.payload}, which no event tells of` };
  if (told.set === set && told.snapshot.id === snapshot.id && told.snapshot.tag === snapshot.tag) return undefined;
  return {
    rule: 'snapshot',
    detail: `promotes ${set}/${snapshot.id} (${snapshot.tag}), and ${snapshot.payload} is ${told.set}/${told.snapshot.id} (${told.snapshot.tag})`,
  };
}

/**
 * Why this may not be said of a promotion now, or undefined.
 *
 * @param promotion - the one of its number
 * @param held - the rollback that the environment is on hold for
 */
export function approvalFault(
  { environment, number, promotion: payload, decision, key, at }: ApprovalEvent,
  { promotion, held }: { readonly promotion: PromotionState | undefined; readonly held: PromotionState | undefined },
  policy: Policy,
): PromotionFault | undefined {
  const what = `${environment}/${number}`;
  if (promotion === undefined) return { rule: 'promotion', detail: `there is no promotion ${what}` };
  if (promotion.event.payload !== payload)
    return { rule: 'promotion', detail: `is of ${payload}, and ${what} is ${promotion.event.payload}` };
  const person = personOf(policy, key);
  const former = promotion.opinions.find((opinion) => opinion.person === person)?.decision;
  if (decision === 'withdraw' && former === undefined)
    return { rule: 'approval', detail: `${person ?? 'nobody'} has said nothing of ${what}` };
  if (promotion.event.action !== 'promote' || !mayMakeItCount(decision, former)) return undefined;
  const [frozen] = frozenAt(rulesOf(policy, environment)?.freeze ?? [], Math.floor(Date.parse(at) / 1000));
  if (frozen !== undefined) return { rule: 'freeze', detail: `${environment} is frozen: ${frozen}` };
  return held === undefined ? undefined : holdFault(held);
}

/**
 * Whether a word wants a promotion: whoever takes a rejection back may be the last that it waited for.
 *
 * @param former - what the same person said before
 */
export function mayMakeItCount(decision: Decision, former: Decision | undefined): boolean {
  return decision === 'approve' || (decision === 'withdraw' && former === 'reject');
}

/** Why a promotion may not go past the rules, or undefined. */
export function breakGlassFault(
  { key, set, environment }: PromotionEvent,
  policy: Policy,
  { breakGlass }: EnvironmentRules,
): PromotionFault | undefined {
  if (!breakGlass)
    return { rule: 'break-glass', detail: `the policy allows nobody to promote to ${environment} past its rules` };
  return hasRole(policy, key, 'releaser', { set, environment })
    ? undefined
    : { rule: 'break-glass', detail: `only a releaser may promote past the rules` };
}

/** The first gate that is asked for and did not pass, or undefined. */
export function gatesFault(
  gates: readonly { readonly name: string; readonly verdict: string }[],
  rules: EnvironmentRules,
): PromotionFault | undefined {
  for (const wanted of rules.gates) {
    const gate = gates.find(({ name }) => name === wanted);
    if (gate?.verdict === 'pass') continue;
    return {
      rule: 'gate',
      detail: `the gate '${wanted}' ${gate === undefined ? 'was not run' : `says ${gate.verdict}`}`,
    };
  }
  return undefined;
}

/**
 * Why a snapshot that the log has told of may not be told of again like this. Its author may sign it anew; in anybody else's
 * mouth it would change whose it is, and what it is.
 */
export function retoldFault(event: SnapshotEvent, former: SnapshotEvent | undefined): PromotionFault | undefined {
  if (former === undefined) return undefined;
  const isSame =
    former.set === event.set &&
    former.snapshot.id === event.snapshot.id &&
    former.actor === event.actor &&
    former.manifest === event.manifest &&
    former.backup === event.backup;
  if (isSame) return undefined;
  return {
    rule: 'snapshot',
    detail: `tells of ${event.snapshot.payload}, of which event ${former.seq} by ${former.actor} told as ${former.set}/${former.snapshot.id}`,
  };
}
