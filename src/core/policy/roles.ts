import type { KeyId } from '../signing.ts';
import type { Policy, Role } from './schema.ts';

/** What a deed is about, as far as roles depend on it. */
export interface Scope {
  readonly set?: string | undefined;
  readonly environment?: string | undefined;
}

/** The person who holds a key, or undefined. */
export function personOf(policy: Policy, key: KeyId): string | undefined {
  return Object.entries(policy.people).find(([, { keys }]) => keys.includes(key))?.[0];
}

/** Who has `role` there: those whom the environment names, else the set, else the policy. Nobody, unless it is said. */
export function holdersOf(policy: Policy, role: Role, { set, environment }: Scope = {}): readonly string[] {
  if (role === 'root') return policy.roles.root.people;
  const ofEnvironment = own(policy.environments, environment)?.roles?.[role];
  const ofSet = own(policy.sets, set)?.roles?.[role];
  return (ofEnvironment ?? ofSet ?? policy.roles[role])?.people ?? [];
}

/** A member of a record that is really its own. */
function own<Value>(record: Readonly<Record<string, Value>> | undefined, name: string | undefined): Value | undefined {
  return record !== undefined && name !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
}

/** Whether the holder of `key` has `role` there. */
export function hasRole(policy: Policy, key: KeyId, role: Role, scope: Scope = {}): boolean {
  const person = personOf(policy, key);
  return person !== undefined && holdersOf(policy, role, scope).includes(person);
}

/** The keys of everyone who has `role` there. */
export function keysOf(policy: Policy, role: Role, scope: Scope = {}): KeyId[] {
  return holdersOf(policy, role, scope).flatMap((person) => policy.people[person]?.keys ?? []);
}

/** The root people among the holders of these keys: people are counted, not keys. */
export function rootPeople(policy: Policy, keys: Iterable<KeyId>): Set<string> {
  const people = new Set<string>();
  for (const key of keys) {
    const person = personOf(policy, key);
    if (person !== undefined && policy.roles.root.people.includes(person)) people.add(person);
  }
  return people;
}

/** Whether the policy has run out. `atSec`: seconds since the epoch. */
export function isExpired({ expires }: Policy, atSec: number): boolean {
  return expires !== undefined && Date.parse(expires) <= atSec * 1000;
}
