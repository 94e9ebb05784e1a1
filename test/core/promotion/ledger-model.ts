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
        rollback: { approvals: rules.rollbacks },
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

/**
 * What is live, told from all events anew and by nothing but counting: the highest number for which there is an event, of the
 * promotion or of something said of it, at which enough different people had it as their last word.
 */
export function liveSlowly(
  log: readonly Placed[],
  place: { set: string; environment: string },
  isVoid: (event: AuditEvent) => boolean,
) {
  const of = (event: AuditEvent) =>
    'environment' in event && event.set === place.set && event.environment === place.environment;
  const promotions = log.flatMap(({ event }) => (event.type === 'promotion' && of(event) ? [event] : []));
  const authors = new Map(
    log.flatMap(({ event }) =>
      event.type === 'snapshot' && !isVoid(event) ? [[event.snapshot.payload, event.actor] as const] : [],
    ),
  );
  return promotions
    .filter((promotion) => {
      const author = authors.get(promotion.snapshot.payload);
      if (isVoid(promotion) || author === undefined) return false;
      return log.some(({ event, rules, version }, i) => {
        const isAbout =
          event === promotion || (event.type === 'approval' && of(event) && event.number === promotion.number);
        if (!isAbout || isVoid(event)) return false;
        const last = new Map<string, { decision: string; key: KeyId }>();
        for (const { event: said } of log.slice(0, i + 1))
          if (said.type === 'approval' && of(said) && said.number === promotion.number && !isVoid(said))
            last.set(said.actor, said);
        const holders = place.environment === 'staging' ? [] : rules.approvers;
        const yes = [...last].filter(([person, { decision, key }]) => {
          const isLeftOut =
            (rules.excludeAuthor && person === author) || (rules.excludePromoter && person === promotion.actor);
          const isTheirs = version.policy.people[person]?.keys.includes(key);
          return decision === 'approve' && isTheirs && holders.includes(person) && !isLeftOut;
        });
        const isStopped = [...last].some(([person, { decision }]) => decision === 'reject' && holders.includes(person));
        const wanted = promotion.action === 'rollback' ? rules.rollbacks : rules.count;
        if (place.environment === 'staging') return true;
        return yes.length >= wanted && (rules.rejections === 'outvote' || !isStopped);
      });
    })
    .at(-1)?.number;
}
