import type { Oid } from '../oid.ts';
import type { Policy } from '../policy/schema.ts';
import type { PolicyVersion } from '../policy/timeline.ts';
import { PolicyTimeline } from '../policy/timeline.ts';
import { PromotionLedger } from '../promotion/ledger.ts';
import { retentionFault } from '../retention/faults.ts';
import { RetentionLedger } from '../retention/ledger.ts';
import type { KeyId } from '../signing.ts';
import type { AuditEvent } from './event.ts';
import type { EventFault } from './judge-event.ts';
import { voidReason } from './judge-event.ts';

/** What the log has come to at some place. */
interface Ledgers {
  readonly promotions: PromotionLedger;
  readonly retention: RetentionLedger;
}

/**
 * The ledgers as they are known at each place of the log.
 *
 * A version of the policy that revokes a key takes back what that key did before, and only from that version's event on: what
 * others did in between was right by what was known then, and stands. What comes after is judged without it.
 */
export class LedgerHistory {
  #ledgers = emptyLedgers();
  readonly #entered: { readonly event: AuditEvent; readonly oid: Oid; readonly policy: Policy }[] = [];
  #revoked: Policy['revoked'] = {};

  /** What promotions have come to so far, without what is known to count no more. */
  get promotions(): PromotionLedger {
    return this.#ledgers.promotions;
  }

  /** What has become of snapshots so far, and which are held. */
  get retention(): RetentionLedger {
    return this.#ledgers.retention;
  }

  /** Why an event may not stand here, by the rules of promotion and of retention, under the policy in force; undefined where it may. */
  fault(event: AuditEvent, policy: Policy): EventFault | undefined {
    const { promotions, retention } = this.#ledgers;
    return promotions.fault(event, policy) ?? retentionFault(event, { policy, promotions, retention });
  }

  /** @param version - in force after the event */
  accept(event: AuditEvent, oid: Oid, version: PolicyVersion): void {
    const entry = { event, oid, policy: version.policy };
    if (event.type === 'policy') this.#revoke(version);
    else {
      this.#entered.push(entry);
      enter(this.#ledgers, entry, version);
    }
  }

  #revoke(version: PolicyVersion): void {
    const { revoked = {} } = version.policy;
    const before = this.#revoked ?? {};
    this.#revoked = revoked;
    const keys = Object.keys(revoked) as KeyId[];
    if (keys.every((key) => before[key]?.since === revoked[key]?.since)) return;
    this.#ledgers = emptyLedgers();
    for (const entry of this.#entered) enter(this.#ledgers, entry, version);
  }
}

function emptyLedgers(): Ledgers {
  return { promotions: new PromotionLedger(), retention: new RetentionLedger() };
}

function enter(
  { promotions, retention }: Ledgers,
  { event, oid, policy }: { event: AuditEvent; oid: Oid; policy: Policy },
  known: PolicyVersion,
): void {
  if (voidReason(event, new PolicyTimeline([known])) === undefined) {
    promotions.enter(event, oid, policy);
    retention.enter(event, oid);
  } else {
    promotions.enterVoid(event, oid);
    retention.enterVoid(event);
  }
}
