import { rulesOf } from '../promotion/rules.ts';
import { holdersOf, type Scope } from './roles.ts';
import type { Policy, Role } from './schema.ts';

/**
 * Environments that ask for more approvals than there are people who could give them. It makes no policy malformed, since
 * keys may have to go in a hurry, but nobody means to write it.
 */
export function approvalFaults(policy: Policy): string[] {
  return Object.keys(policy.environments ?? {}).flatMap((environment) => {
    const rules = rulesOf(policy, environment);
    if (rules === undefined) return [];
    const at = `environments.${environment}`;
    const check = (field: string, needed: number, promoter: Role): string[] => {
      const found = Object.keys(policy.sets).flatMap(
        (set) => mostApprovals(policy, { set, environment }, promoter) ?? [],
      );
      const most = Math.max(...found);
      if (found.length === 0 || needed <= most) return [];
      const without = [
        ...(rules.excludeAuthor ? ['who took the snapshot'] : []),
        ...(rules.excludePromoter ? ['who promoted it'] : []),
      ];
      const except = without.length === 0 ? '' : ` (not ${without.join(', nor ')})`;
      return [`${at}.${field}: asks for ${needed}, and at most ${most} can approve${except}`];
    };
    return [
      ...check('approvals.count', rules.approvals, 'promoter'),
      ...check('rollback.approvals', rules.rollbackApprovals, 'releaser'),
    ];
  });
}

/** How many people can approve at most, if those take the snapshot and promote it who leave most of them; undefined where nobody can. */
function mostApprovals(policy: Policy, scope: Required<Scope>, promoter: Role): number | undefined {
  const withKeys = (role: Role) =>
    holdersOf(policy, role, scope).filter((person) => policy.people[person]?.keys.length !== 0);
  const approvers = new Set(withKeys('approver'));
  const rules = rulesOf(policy, scope.environment ?? '');
  const authors = withKeys('snapshotter');
  const promoters = withKeys(promoter);
  if (authors.length === 0 || promoters.length === 0) return undefined;
  const lostTo = (people: readonly string[], isLeftOut: boolean | undefined) =>
    isLeftOut === true && people.every((person) => approvers.has(person)) ? people : undefined;
  const toAuthor = lostTo(authors, rules?.excludeAuthor);
  const toPromoter = lostTo(promoters, rules?.excludePromoter);
  const isOnePerson = toAuthor?.some((person) => toPromoter?.includes(person)) === true;
  return approvers.size - Number(toAuthor !== undefined) - Number(toPromoter !== undefined) + Number(isOnePerson);
}
