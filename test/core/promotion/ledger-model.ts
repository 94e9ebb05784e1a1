import type { AuditEvent } from '../../../src/core/audit/event.ts';
import type { Oid } from '../../../src/core/oid.ts';
import type { Policy } from '../../../src/core/policy/schema.ts';
import type { PolicyVersion } from '../../../src/core/policy/timeline.ts';
import type { KeyId } from '../../../src/core/signing.ts';

/** A policy of four people, of whom ann has two keys. `staging` asks for nothing, `production` for what is given. */
export interface Rules {
  readonly count: number;
  readonly rollbacks: number;
  readonly excludeAuthor: boolean;
  readonly excludePromoter: boolean;
  readonly rejections: 'block' | 'outvote';
  readonly approvers: readonly string[];
  /** Whether a rollback of `production` stops promotions to it. */
  readonly holds?: boolean;
}

export const PEOPLE = ['ann', 'ben', 'cy', 'dan'] as const;
export const keyOf = (person: string, n = 1) => `openpgp:${person.padEnd(8, '_')}${n}`.padEnd(48, '0') as KeyId;
export const KEYS = [...PEOPLE.map((person) => keyOf(person)), keyOf('ann', 2)];
export const ownerOf = (key: KeyId) => PEOPLE.find((person) => key.startsWith(`openpgp:${person}_`)) ?? '';

/** A version of the policy with these rules. */
export function versionOf(number: number, rules: Rules, revoked: Policy['revoked'] = {}): PolicyVersion {
  const everybody = { people: [...PEOPLE], threshold: 1 };
  const live = Object.keys(revoked);
  const policy = {
    format: 1,
    repository: '0'.repeat(64),
    version: number,
    sets: { artifacts: { path: 'artifacts', exclude: [] }, models: { path: 'models', exclude: [] } },
    environments: {
      staging: {},
      production: {
        from: 'staging',
        approvals: {
          count: rules.count,
          excludeAuthor: rules.excludeAuthor,
          excludePromoter: rules.excludePromoter,
        },
        rollback: { approvals: rules.rollbacks, hold: rules.holds ?? false },
        rejections: rules.rejections,
      },
    },
    people: Object.fromEntries(
      PEOPLE.map((person) => [
        person,
        { name: person, keys: KEYS.filter((key) => ownerOf(key) === person && !live.includes(key)) },
      ]),
    ),
    roles: {
      root: everybody,
      promoter: everybody,
      releaser: everybody,
      approver: { people: [...rules.approvers], threshold: 1 },
    },
    keys: {},
    revoked,
  } as unknown as Policy;
  return { policy, digest: `sha256:${String(number).padStart(64, '0')}`, commit: `${number}`.padStart(40, '0') as Oid };
}

/** An event at its place, with the rules in force there. */
export interface Placed {
  readonly event: AuditEvent;
  readonly rules: Rules;
  readonly version: PolicyVersion;
}

/** An environment of a set. */
export interface Place {
  readonly set: string;
  readonly environment: string;
}

/**
 * What environments come to, told from all events anew and by nothing but counting.
 *
 * Live is the highest number for which there is an event, of the promotion or of something said of it, at which enough different
 * people had it as their last word. On hold is an environment for the highest number that was a rollback and became live under
 * rules that hold then, unless somebody resumed it.
 */
export class SlowLedger {
  readonly #log: readonly Placed[];
  readonly #isVoid: (event: AuditEvent) => boolean;
  readonly #known = new Map<string, number | undefined>();

  constructor(log: readonly Placed[], isVoid: (event: AuditEvent) => boolean) {
    this.#log = log;
    this.#isVoid = isVoid;
  }

  /** Number of what is live after the first `end` events. */
  live(place: Place, end = this.#log.length): number | undefined {
    return this.#once(`live ${place.set} ${place.environment} ${end}`, () => this.#live(place, end));
  }

  /** Number of the rollback that it is on hold for after the first `end` events, under these rules. */
  held(place: Place, { holds }: Rules, end = this.#log.length): number | undefined {
    if (holds !== true || place.environment === 'staging') return undefined;
    return this.#once(`held ${place.set} ${place.environment} ${end}`, () => this.#held(place, end));
  }

  #once(name: string, tell: () => number | undefined): number | undefined {
    if (!this.#known.has(name)) this.#known.set(name, tell());
    return this.#known.get(name);
  }

  #held(place: Place, end: number): number | undefined {
    const began = this.#log.slice(0, end).flatMap(({ event, rules }, i) => {
      const number = isOf(event, place) ? event.number : undefined;
      const isRollback = this.#promotion(place, number)?.action === 'rollback';
      const isNew = isRollback && this.live(place, i + 1) === number && this.live(place, i) !== number;
      return isNew && rules.holds === true && number !== undefined ? [number] : [];
    });
    const last = began.length === 0 ? undefined : Math.max(...began);
    const isResumed = this.#log
      .slice(0, end)
      .some(
        ({ event }) => event.type === 'resume' && isOf(event, place) && event.number === last && !this.#isVoid(event),
      );
    return isResumed ? undefined : last;
  }

  #promotion(place: Place, number: number | undefined) {
    for (const { event } of this.#log)
      if (event.type === 'promotion' && isOf(event, place) && event.number === number) return event;
    return undefined;
  }

  #live(place: Place, end: number): number | undefined {
    const log = this.#log.slice(0, end);
    const authors = new Map(
      log.flatMap(({ event }) =>
        event.type === 'snapshot' && !this.#isVoid(event) ? [[event.snapshot.payload, event.actor] as const] : [],
      ),
    );
    return log
      .flatMap(({ event }) => (event.type === 'promotion' && isOf(event, place) ? [event] : []))
      .filter((promotion) => {
        const author = authors.get(promotion.snapshot.payload);
        if (this.#isVoid(promotion) || author === undefined) return false;
        return log.some((_, i) => this.#counts(place, { promotion, author }, i));
      })
      .at(-1)?.number;
  }

  /** Whether a promotion counts by the event at `i`. */
  #counts(
    place: Place,
    { promotion, author }: { promotion: AuditEvent & { type: 'promotion' }; author: string },
    i: number,
  ): boolean {
    const { event, rules, version } = this.#log[i] as Placed;
    const isAbout =
      event === promotion || (event.type === 'approval' && isOf(event, place) && event.number === promotion.number);
    if (!isAbout || this.#isVoid(event)) return false;
    const lastOf = (to: number) => {
      const last = new Map<string, { decision: string; key: KeyId }>();
      for (const { event: said } of this.#log.slice(0, to)) {
        const isSaid = said.type === 'approval' && isOf(said, place) && said.number === promotion.number;
        if (isSaid && !this.#isVoid(said)) last.set(said.actor, said);
      }
      return last;
    };
    if (place.environment === 'staging') return true;
    if (event.type === 'approval' && promotion.action === 'promote') {
      const isFor =
        event.decision === 'approve' ||
        (event.decision === 'withdraw' && lastOf(i).get(event.actor)?.decision === 'reject');
      if (!isFor && this.held(place, rules, i) !== undefined) return false;
    }
    const last = lastOf(i + 1);
    const holders = rules.approvers;
    const yes = [...last].filter(([person, { decision, key }]) => {
      const isLeftOut =
        (rules.excludeAuthor && person === author) || (rules.excludePromoter && person === promotion.actor);
      const isTheirs = version.policy.people[person]?.keys.includes(key);
      return decision === 'approve' && isTheirs && holders.includes(person) && !isLeftOut;
    });
    const isStopped = [...last].some(([person, { decision }]) => decision === 'reject' && holders.includes(person));
    const wanted = promotion.action === 'rollback' ? rules.rollbacks : rules.count;
    return yes.length >= wanted && (rules.rejections === 'outvote' || !isStopped);
  }
}

function isOf(
  event: AuditEvent,
  { set, environment }: Place,
): event is AuditEvent & { type: 'promotion' | 'approval' | 'resume' } {
  return (
    (event.type === 'promotion' || event.type === 'approval' || event.type === 'resume') &&
    event.set === set &&
    event.environment === environment
  );
}
