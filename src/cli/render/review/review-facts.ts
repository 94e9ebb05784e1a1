import { escapeText } from '../../../core/byte-string.ts';
import { spanText } from '../../../core/length-text.ts';
import type { ReviewedSnapshot, ReviewResult, ReviewSigner } from '../../../flows/promotion/review-result.ts';
import type { ChangedFile } from '../changed-file.ts';
import { formatBytes, plural } from '../quantities.ts';

/** What a review is drawn from. */
export interface Review {
  readonly result: ReviewResult;
  readonly files: readonly ChangedFile[];
}

/** A name and what is to be said of it, safe for a terminal. */
export type Fact = readonly [name: string, value: string];

/** What a review begins with. @param time - prints seconds since the epoch */
export function reviewFacts(result: ReviewResult, time: (atSec: number) => string): Fact[] {
  const { promotion, snapshot, before, policy, origin, hold, frozen, nextFreeze } = result;
  const facts: (Fact | undefined)[] = [
    ['Snapshot', snapshotText(snapshot)],
    ['Takes the place of', before === undefined ? 'nothing' : snapshotText(before)],
    result.live !== undefined && result.live.number !== before?.number
      ? ['Live now', `${result.live.snapshot} (${promotion.environment}/${result.live.number})`]
      : undefined,
    ['Action', `${promotion.action}, ${time(promotion.atSec)}${promotion.breakGlass ? ', past the rules' : ''}`],
    ['Reason', promotion.reason],
    promotion.effectiveAtSec === undefined ? undefined : ['Counts since', time(promotion.effectiveAtSec)],
    ['Rules', rulesText(result)],
    origin === undefined ? undefined : ['Comes from', originText(origin)],
    hold === undefined
      ? undefined
      : [
          'On hold since',
          `${time(hold.sinceSec)}, when ${hold.by} rolled back (${promotion.environment}/${hold.number})`,
        ],
    frozen.length > 0
      ? ['Frozen now', frozen.join(', ')]
      : nextFreeze && ['Next freeze', `${nextFreeze.name}, ${time(nextFreeze.atSec)}`],
    [
      'Policy',
      policy.made.digest === policy.current.digest
        ? `version ${policy.current.version}`
        : `made under version ${policy.made.version}, in force is version ${policy.current.version}`,
    ],
  ];
  return facts.filter((fact) => fact !== undefined).map(([name, value]) => [name, escapeText(value)]);
}

function snapshotText({ id, info }: ReviewedSnapshot): string {
  if (info === undefined) return `${id} (cannot be read)`;
  return `${id} (${plural(info.files, 'file')}, ${formatBytes(info.bytes)}): ${info.message}`;
}

function rulesText({ rules, promotion }: ReviewResult): string {
  const isRollback = promotion.action === 'rollback';
  const count = isRollback ? rules.rollbackApprovals : rules.approvals;
  const without = [
    ...(rules.excludeAuthor ? ['who took the snapshot'] : []),
    ...(rules.excludePromoter ? ['who promoted it'] : []),
  ];
  const approvals =
    count === 0
      ? 'no approval'
      : `${plural(count, 'approval')}${without.length === 0 ? '' : ` (not of ${without.join(' or ')})`}, a rejection ${rules.rejections === 'block' ? 'stops it' : 'can be outvoted'}`;
  const gates = isRollback || rules.gates.length === 0 ? [] : [`gates ${rules.gates.join(', ')}`];
  const soak =
    isRollback || rules.soakSec === 0 || rules.from === undefined
      ? []
      : [`${spanText(rules.soakSec)} in ${rules.from}`];
  return [approvals, ...gates, ...soak].join('; ');
}

function originText({ environment, isSame, snapshot, soakLeftSec }: NonNullable<ReviewResult['origin']>): string {
  if (!isSame)
    return snapshot === undefined
      ? `${environment}, where nothing is live now`
      : `${environment}, where ${snapshot} is live now`;
  const left =
    soakLeftSec === undefined || soakLeftSec === 0 ? '' : `, to stay there for ${spanText(soakLeftSec)} more`;
  return `${environment}, where it is live${left}`;
}

/** `ada (Ada Example)`. */
export function personText({ person, name }: Pick<ReviewSigner, 'person' | 'name'>): string {
  return escapeText(name === undefined || name === person ? person : `${person} (${name})`);
}
