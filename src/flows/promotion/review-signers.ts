import { personOf } from '../../core/policy/roles.ts';
import type { Policy } from '../../core/policy/schema.ts';
import type { Opinion } from '../../core/promotion/promotion-state.ts';
import { tallyOf } from '../../core/promotion/tally.ts';
import type { ReviewScene } from './review-choice.ts';
import type { MissingApprovals, ReviewSigner } from './review-result.ts';

/** Who took the snapshot, who promoted it, and who said what of it. */
export function reviewSigners({ trusted: { policy }, log, reviewed }: ReviewScene): ReviewSigner[] {
  const { event } = reviewed;
  // A snapshot that was signed anew is told of again: the last counts, as where it is verified.
  const taken = log.events.findLast(
    (logged) => logged.event.type === 'snapshot' && logged.event.snapshot.payload === event.snapshot.payload,
  )?.event;
  const nameOf = nameIn(policy);
  const signer = (deed: ReviewSigner['deed'], by: Signed, more: Partial<ReviewSigner> = {}): ReviewSigner => ({
    deed,
    person: by.actor,
    name: nameOf(by.actor),
    key: by.key,
    atSec: Math.floor(Date.parse(by.at) / 1000),
    reason: undefined,
    leftOut: undefined,
    ...more,
  });
  return [
    ...(taken?.type === 'snapshot' ? [signer('took the snapshot', taken, { reason: taken.subject })] : []),
    signer('promoted', event, { reason: event.reason }),
    ...reviewed.opinions.map((opinion) =>
      signer(opinion.decision === 'approve' ? 'approved' : 'rejected', opinion.event, {
        reason: opinion.event.reason,
        leftOut: leftOut({ policy, reviewed }, opinion),
      }),
    ),
  ];
}

type Signed = Pick<ReviewScene['reviewed']['event'], 'actor' | 'key' | 'at'>;

/** Why an opinion does not count, or undefined. */
function leftOut({ policy, reviewed }: Pick<ReviewScene, 'reviewed'> & { policy: Policy }, opinion: Opinion) {
  const { person, decision } = opinion;
  const { approved, rejected } = reviewed.effective?.tally ?? tallyOf(reviewed, policy);
  if ((decision === 'approve' ? approved : rejected).includes(person)) return undefined;
  if (personOf(policy, opinion.key) !== person) return 'the policy does not list the key any more';
  if (decision === 'approve' && person === reviewed.author) return 'took the snapshot';
  if (decision === 'approve' && person === reviewed.promoter) return 'promoted it';
  return 'is no approver there';
}

/** What is missing of the approvals, by the policy in force. */
export function missingApprovals({ trusted: { policy }, reviewed, rules }: ReviewScene): MissingApprovals {
  const { needed, approved, rejected, others } = tallyOf(reviewed, policy);
  const isOver = reviewed.effective !== undefined || reviewed.author === undefined;
  const nameOf = nameIn(policy);
  const count = isOver ? 0 : Math.max(0, needed - approved.length);
  return {
    count,
    people: count === 0 ? [] : others.map((person) => ({ person, name: nameOf(person) })),
    rejectedBy: isOver || rules.rejections === 'outvote' ? [] : rejected,
  };
}

function nameIn({ people }: Policy) {
  return (person: string) => (Object.hasOwn(people, person) ? people[person]?.name : undefined);
}
