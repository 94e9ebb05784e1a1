import { escapeText } from '../../../core/byte-string.ts';
import type { ReviewResult } from '../../../flows/promotion/review-result.ts';
import type { CheckResult } from '../../../flows/results.ts';
import { hiddenText } from '../changed-file.ts';
import { plural } from '../quantities.ts';
import type { Review } from './review-facts.ts';

/** Something that a reviewer must not miss. */
export interface ReviewNote {
  /** `bad`: a reason not to approve. `warning`: look at it. */
  readonly level: 'bad' | 'warning' | 'note';
  /** Safe for a terminal. */
  readonly text: string;
}

/** What stands out in a review, the worst first. */
export function reviewNotes({ result, files }: Review): ReviewNote[] {
  const hidden = hiddenText(files);
  const notes: ReviewNote[] = [
    ...soundness(result),
    ...standing(result),
    ...gateNotes(result),
    ...surroundings(result),
    ...(hidden === undefined ? [] : [{ level: 'warning', text: hidden } as const]),
  ];
  const order = ['bad', 'warning', 'note'];
  return notes
    .map(({ level, text }) => ({ level, text: escapeText(text) }))
    .sort((a, b) => order.indexOf(a.level) - order.indexOf(b.level));
}

function soundness({ checks, snapshot, before, changes, isDeep }: ReviewResult): ReviewNote[] {
  const failed = (what: string, of: readonly CheckResult[]): ReviewNote[] =>
    of.filter(({ ok }) => !ok).map(({ check, detail }) => ({ level: 'bad', text: `${what}: ${check}: ${detail}` }));
  return [
    ...failed('the promotion is not to be trusted', checks),
    ...failed(`the snapshot ${snapshot.id} is not to be trusted`, snapshot.checks),
    ...failed(`the snapshot before, ${before?.id ?? ''}, is not to be trusted`, before?.checks ?? []),
    ...(changes === undefined ? [{ level: 'bad', text: 'what it changes cannot be told' } as const] : []),
    ...(isDeep ? [] : [{ level: 'warning', text: 'content was not verified (--quick)' } as const]),
  ];
}

function standing({ promotion, missing, live, before }: ReviewResult): ReviewNote[] {
  const notes: ReviewNote[] = [];
  if (promotion.breakGlass) notes.push({ level: 'bad', text: 'made past the rules of the environment (break-glass)' });
  if (missing.rejectedBy.length > 0) notes.push({ level: 'bad', text: `rejected by ${missing.rejectedBy.join(', ')}` });
  if (promotion.status === 'overtaken') {
    const later = live === undefined ? '' : ` (${promotion.environment}/${live.number})`;
    notes.push({ level: 'warning', text: `a later promotion is live${later}: approving this one changes nothing` });
  }
  if (missing.count > missing.people.length)
    notes.push({ level: 'warning', text: 'there are not enough people who could approve it' });
  if (before === undefined) notes.push({ level: 'note', text: `the first of ${promotion.environment}: all is new` });
  return notes;
}

function gateNotes({ gates, promotion, snapshot }: ReviewResult): ReviewNote[] {
  const isBound = promotion.action === 'promote';
  return gates.flatMap(({ name, isRequired, recorded, rerun }): ReviewNote[] => {
    const notes: ReviewNote[] = [];
    if (recorded !== undefined && recorded.verdict !== 'pass')
      notes.push({ level: 'bad', text: `the gate ${name} said ${recorded.verdict} when it was promoted` });
    if (recorded === undefined && isRequired && isBound)
      notes.push({ level: 'warning', text: `the gate ${name} is asked for now and was not run when it was promoted` });
    if (rerun !== undefined && rerun.verdict !== 'pass')
      notes.push({ level: 'bad', text: `the gate ${name} says ${rerun.verdict} now: ${rerun.detail}` });
    else if (rerun !== undefined && recorded !== undefined && rerun.evidence !== recorded.evidence)
      notes.push({
        level: 'note',
        text: `the gate ${name} looked at something else than when ${snapshot.id} was promoted: its settings have changed`,
      });
    return notes;
  });
}

function surroundings({ promotion, policy, origin, hold, frozen, rules }: ReviewResult): ReviewNote[] {
  const notes: ReviewNote[] = [];
  const { made, current } = policy;
  if (made.digest !== current.digest) {
    const text = `promoted under version ${made.version} of the policy; version ${current.version} is in force`;
    notes.push({ level: 'warning', text });
  }
  const waits = promotion.status === 'pending' || promotion.status === 'rejected';
  if (origin !== undefined && !origin.isSame && waits && promotion.action === 'promote') {
    const now = origin.snapshot === undefined ? 'nothing is' : `${origin.snapshot} is`;
    notes.push({ level: 'warning', text: `it is not live in ${origin.environment} any more: ${now}` });
  }
  if (promotion.frozen.length > 0)
    notes.push({ level: 'warning', text: `made in a freeze: ${promotion.frozen.join(', ')}` });
  if (hold !== undefined && waits && promotion.action === 'promote')
    notes.push({ level: 'warning', text: `${promotion.environment} is on hold since ${hold.by} rolled it back` });
  if (frozen.length > 0 && waits)
    notes.push({ level: 'warning', text: `${promotion.environment} is frozen now: ${frozen.join(', ')}` });
  if (rules.approvals === 0 && promotion.action === 'promote')
    notes.push({ level: 'note', text: `${promotion.environment} asks for no approval` });
  return notes;
}

/** What it comes to, in one sentence without a full stop. Safe for a terminal. */
export function reviewVerdict({ promotion, missing }: ReviewResult): string {
  const people = missing.people.map(({ person, name }) => (name === undefined ? person : `${person} (${name})`));
  switch (promotion.status) {
    case 'live':
      return 'is live';
    case 'superseded':
      return 'was live; a later one is now';
    case 'overtaken':
      return 'waits, and was overtaken by a later one';
    case 'erased':
      return 'waited, and its snapshot is gone for good';
    case 'void':
      return 'does not count: a key was revoked';
    case 'rejected':
      return escapeText(`was rejected by ${promotion.tally.rejected.join(', ')}`);
    case 'pending':
      return escapeText(
        `waits for ${plural(missing.count, 'more approval').replace('1 more approval', 'one more approval')}${people.length === 0 ? '' : `, of ${people.join(', ')}`}`,
      );
  }
}
