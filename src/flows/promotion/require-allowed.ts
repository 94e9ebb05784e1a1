import { type AuditEvent, eventEnvironment, eventSet } from '../../core/audit/event.ts';
import { SnapshotError } from '../../core/errors.ts';
import { setWords } from '../../core/policy/default-set.ts';
import type { Policy } from '../../core/policy/schema.ts';
import type { PromotionEvent, PromotionFault } from '../../core/promotion/promotion-state.ts';
import { nowSec, sha256Of } from '../context.ts';
import type { Log } from '../log/open-log.ts';
import type { StoredSnapshot } from '../snapshot/read-snapshots.ts';
import type { PromotionScene } from './scene.ts';

/** As much of a promotion as the rules ask about. */
interface AllowedPromotion {
  readonly stored: StoredSnapshot;
  readonly action: 'promote' | 'rollback';
  readonly breakGlass: boolean;
}

/** @throws {SnapshotError} of kind `config` if the rules of the environment forbid it */
export function requireAllowed(
  { ctx, trusted, log, set, environment, rules }: PromotionScene,
  { stored, action, breakGlass }: AllowedPromotion,
  gates: readonly Pick<PromotionEvent['gates'][number], 'name' | 'verdict'>[],
): void {
  if (breakGlass) {
    if (rules.breakGlass) return;
    throw new SnapshotError('config', `the policy lets nobody promote to ${environment} past its rules`, {
      hint: "Only an environment with 'breakGlass: true' can be promoted to so.",
    });
  }
  const at = new Date(nowSec(ctx) * 1000).toISOString();
  const snapshot = {
    id: stored.snapshot.id,
    tag: stored.tag,
    payload: sha256Of(ctx, stored.payload),
  };
  const asEvent = { set: set.name, environment, snapshot, at, gates: gates.map((gate) => ({ evidence: '', ...gate })) };
  const { ledger } = log;
  const fault =
    action === 'promote' ? ledger.promoteFault(asEvent, trusted.policy) : ledger.rollbackFault(asEvent, trusted.policy);
  if (fault === undefined) return;
  throw new SnapshotError('config', `the rules of ${environment} forbid it: ${fault.detail}`, {
    hint: hintFor(fault, { set: set.name, environment }),
  });
}

/** @throws {SnapshotError} of kind `config` if the event may not stand on this log, whoever writes it */
export function requireStanding(log: Log, policy: Policy): (event: AuditEvent) => void {
  return (event) => {
    const fault = log.ledger.fault(event, policy);
    if (fault === undefined) return;
    throw new SnapshotError('config', `the rules forbid it: ${fault.detail}`, {
      hint: hintFor(fault, { set: eventSet(event), environment: eventEnvironment(event) }),
    });
  };
}

function hintFor(
  { rule }: PromotionFault,
  { set, environment = 'ENV' }: { readonly set: string | undefined; readonly environment: string | undefined },
): string {
  if (rule !== 'hold') return RULE_HINTS[rule] ?? 'See "git snapshot environments".';
  const where = set === undefined ? '' : setWords(set);
  return `Once it is safe to go on, a releaser says so: git snapshot resume ${environment}${where} -m WHY`;
}

const RULE_HINTS: Readonly<Record<string, string>> = {
  freeze: 'Wait until it ends; "git snapshot environments" shows when. A rollback is never held up.',
  soak: 'Wait; "git snapshot environments" shows what is left.',
  from: 'Promote it there first.',
  backup: 'Take a snapshot of what it holds: "git snapshot restore", then "git snapshot --force".',
  rollback:
    'See "git snapshot promotions" for what has been live. To put the directory alone back to what is: git snapshot restore @ENV',
};
