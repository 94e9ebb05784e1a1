import type { AuditEvent } from '../audit/event.ts';
import { voidReason } from '../audit/judge-event.ts';
import type { Oid } from '../oid.ts';
import type { Policy } from '../policy/schema.ts';
import type { PolicyVersion } from '../policy/timeline.ts';
import { PolicyTimeline } from '../policy/timeline.ts';
import type { KeyId } from '../signing.ts';
import { PromotionLedger } from './ledger.ts';

/**
 * The ledger as it is known at each place of the log.
 *
 * A version of the policy that revokes a key takes back what that key did before, and only from that version's event on: what
 * others did in between was right by what was known then, and stands. What comes after is judged without it.
 */
export class LedgerHistory {
  #ledger = new PromotionLedger();
  readonly #entered: { readonly event: AuditEvent; readonly oid: Oid; readonly policy: Policy }[] = [];
  #revoked: Policy['revoked'] = {};

  /** What promotions have come to so far, without what is known to count no more. */
  get ledger(): PromotionLedger {
    return this.#ledger;
  }

  /** @param version - in force after the event */
  accept(event: AuditEvent, oid: Oid, version: PolicyVersion): void {
    const entry = { event, oid, policy: version.policy };
    if (event.type === 'policy') this.#revoke(version);
    else {
      this.#entered.push(entry);
      enter(this.#ledger, entry, version);
    }
  }

  #revoke(version: PolicyVersion): void {
    const { revoked = {} } = version.policy;
    const before = this.#revoked ?? {};
    this.#revoked = revoked;
    const keys = Object.keys(revoked) as KeyId[];
    if (keys.every((key) => before[key]?.since === revoked[key]?.since)) return;
    this.#ledger = new PromotionLedger();
    for (const entry of this.#entered) enter(this.#ledger, entry, version);
  }
}

function enter(
  ledger: PromotionLedger,
  { event, oid, policy }: { event: AuditEvent; oid: Oid; policy: Policy },
  known: PolicyVersion,
): void {
  if (voidReason(event, new PolicyTimeline([known])) === undefined) ledger.enter(event, oid, policy);
  else ledger.enterVoid(event, oid);
}
