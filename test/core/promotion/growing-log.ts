import { expect } from 'vitest';
import type { AuditEvent, EventReport } from '../../../src/core/audit/event.ts';
import { voidReason } from '../../../src/core/audit/judge-event.ts';
import { LedgerHistory } from '../../../src/core/audit/ledger-history.ts';
import type { Oid } from '../../../src/core/oid.ts';
import { PolicyTimeline, type PolicyVersion } from '../../../src/core/policy/timeline.ts';
import type { KeyId } from '../../../src/core/signing.ts';
import { keyOf, ownerOf, PEOPLE, type Placed, type Rules, SlowLedger, versionOf } from './ledger-model.ts';

const digest = (text: string) => `sha256:${Buffer.from(text).toString('hex').padEnd(64, '0').slice(0, 64)}`;
export const tagOf = (text: string) => Buffer.from(text).toString('hex').padEnd(40, '0').slice(0, 40) as Oid;
export const SETS = ['artifacts', 'models'] as const;
export const ENVIRONMENTS = ['staging', 'production'] as const;

/** Something that somebody tries. */
export type Step =
  | { readonly kind: 'snapshot'; readonly set: string; readonly key: KeyId }
  | {
      readonly kind: 'promotion';
      readonly set: string;
      readonly environment: string;
      readonly key: KeyId;
      readonly pick: number;
      readonly action: 'promote' | 'rollback';
    }
  | {
      readonly kind: 'approval';
      readonly set: string;
      readonly environment: string;
      readonly key: KeyId;
      readonly pick: number;
      readonly decision: 'approve' | 'reject' | 'withdraw';
      readonly off: number;
    }
  | {
      readonly kind: 'resume';
      readonly set: string;
      readonly environment: string;
      readonly key: KeyId;
      readonly off: number;
    }
  | { readonly kind: 'rules'; readonly rules: Rules }
  | { readonly kind: 'revoke'; readonly key: KeyId; readonly back: number };

/** A log as it grows: whatever the ledger finds fault with stays out. */
export class GrowingLog {
  readonly placed: Placed[] = [];
  readonly history = new LedgerHistory();
  readonly versions: PolicyVersion[] = [];
  readonly snapshots: { set: string; id: string; tag: Oid; payload: string }[] = [];
  refused = 0;
  #rules: Rules;

  constructor(rules: Rules) {
    this.#rules = rules;
    this.change(rules, {});
  }

  get seq(): number {
    return this.placed.length + 1;
  }

  get version(): PolicyVersion {
    return this.versions.at(-1) as PolicyVersion;
  }

  change(rules: Rules, revoked: NonNullable<PolicyVersion['policy']['revoked']>): void {
    this.versions.push(versionOf(this.versions.length + 1, rules, revoked));
    this.#rules = rules;
    this.add(keyOf('ben'), { type: 'policy', commit: this.version.commit });
  }

  add(key: KeyId, report: EventReport): boolean {
    const event = {
      ...report,
      format: 1,
      seq: this.seq,
      at: '2026-11-22T12:00:00Z',
      repository: '0'.repeat(64),
      actor: ownerOf(key),
      key,
      policy: { version: this.version.policy.version, digest: this.version.digest },
    } as AuditEvent;
    if (this.history.promotions.fault(event, this.version.policy) !== undefined) {
      this.refused += 1;
      return false;
    }
    this.history.accept(event, tagOf(`e${this.seq}`), this.version);
    this.placed.push({ event, rules: this.#rules, version: this.version });
    return true;
  }

  take(set: string, key: KeyId) {
    const n = this.snapshots.length;
    const name = {
      id: `20261122T1200${String(n % 60).padStart(2, '0')}Z-0123456789ab`,
      tag: tagOf(`t${n}`),
      payload: digest(`p${n}`),
    };
    this.add(key, { type: 'snapshot', set, snapshot: name, manifest: digest('m'), subject: 'x', kinds: [] });
    this.snapshots.push({ set, ...name });
    return name;
  }

  promote(
    environment: string,
    key: KeyId,
    snapshot: { id: string; tag: Oid; payload: string },
    how: { set?: string; action?: 'promote' | 'rollback'; breakGlass?: boolean; number?: number } = {},
  ) {
    const { set = 'artifacts', action = 'promote', breakGlass = false } = how;
    const { id, tag, payload } = snapshot;
    const number = how.number ?? this.history.promotions.promotions(set, environment).length + 1;
    return this.add(key, {
      type: 'promotion',
      set,
      environment,
      number,
      action,
      tag: tagOf(`${set}${environment}${number}`),
      payload: digest(`${set}${environment}${number}`),
      snapshot: { id, tag, payload },
      gates: [],
      ...(breakGlass ? { breakGlass: true as const } : {}),
      reason: 'why',
    });
  }

  say(
    decision: 'approve' | 'reject' | 'withdraw',
    key: KeyId,
    number: number,
    how: { set?: string; environment?: string; of?: number } = {},
  ) {
    const { set = 'artifacts', environment = 'production', of = number } = how;
    return this.add(key, {
      type: 'approval',
      set,
      environment,
      number,
      decision,
      tag: tagOf(`a${this.seq}`),
      payload: digest(`a${this.seq}`),
      promotion: digest(`${set}${environment}${of}`),
    });
  }

  /** @param how.of - whose digest it has */
  resume(environment: string, key: KeyId, number: number, how: { set?: string; of?: number } = {}) {
    const { set = 'artifacts', of = number } = how;
    const name = `${set}${environment}${of}`;
    return this.add(key, {
      type: 'resume',
      set,
      environment,
      number,
      tag: tagOf(name),
      promotion: digest(name),
      reason: 'why',
    });
  }

  /** Number of the rollback that an environment is on hold for. */
  held(environment: string, set = 'artifacts'): number | undefined {
    return this.history.promotions.held({ set, environment }, this.version.policy)?.event.number;
  }

  live(environment: string, set = 'artifacts'): number | undefined {
    return this.history.promotions.live(set, environment)?.event.number;
  }

  do(step: Step): void {
    if ('key' in step && !PEOPLE.some((person) => this.version.policy.people[person]?.keys.includes(step.key))) return;
    if (step.kind === 'snapshot') this.take(step.set, step.key);
    else if (step.kind === 'rules') this.change(step.rules, this.version.policy.revoked ?? {});
    else if (step.kind === 'revoke') {
      const since = Math.max(1, this.seq - step.back);
      this.change(this.#rules, { ...this.version.policy.revoked, [step.key]: { reason: 'compromised', since } });
    } else if (step.kind === 'promotion') {
      const own = this.snapshots.filter(({ set }) => set === step.set);
      const before = this.history.promotions.live(step.set, 'staging')?.event.snapshot;
      const former = this.history.promotions.formerlyLive(step.set, step.environment);
      const chosen =
        step.action === 'rollback'
          ? former[step.pick % Math.max(1, former.length)]?.event.snapshot
          : step.environment === 'production' && step.pick % 4 > 0
            ? before
            : own[step.pick % Math.max(1, own.length)];
      if (chosen !== undefined) this.promote(step.environment, step.key, chosen, step);
    } else if (step.kind === 'resume') {
      // Mostly what would be right.
      const number = (this.held(step.environment, step.set) ?? 1) + (step.off === 1 ? 1 : 0);
      this.resume(step.environment, step.key, number, { ...step, of: step.off === 2 ? number + 1 : number });
    } else {
      const count = this.history.promotions.promotions(step.set, step.environment).length;
      // The newest ones, and now and then one that is not there, or the words for another.
      const number = count - (step.pick % 3) + (step.off === 1 ? 1 : 0);
      this.say(step.decision, step.key, number, { ...step, of: step.off === 2 ? number + 1 : number });
    }
  }

  /** What every event comes to by the latest revocations. */
  isVoid = (event: AuditEvent): boolean => voidReason(event, new PolicyTimeline(this.versions)) !== undefined;

  expectModel(): void {
    const slow = new SlowLedger(this.placed, this.isVoid);
    for (const set of SETS) {
      for (const environment of ENVIRONMENTS) {
        expect(this.live(environment, set)).toBe(slow.live({ set, environment }));
        expect(this.held(environment, set)).toBe(slow.held({ set, environment }, this.#rules));
      }
    }
  }
}
