import type { ByteString } from '../byte-string.ts';
import { utf8Decode, utf8Encode } from '../byte-string.ts';
import { canonicalJson, parseCanonicalJson } from '../canonical-json.ts';
import { MalformedError } from '../errors.ts';
import { releasesPath } from '../rollback/releases.ts';
import type { KeyId } from '../signing.ts';
import { describeIssues } from './describe-issues.ts';
import { protectFaults } from './protect-faults.ts';
import { type Policy, PolicySchema, ROLES } from './schema.ts';

/**
 * Reads a policy from its file in the repository.
 *
 * @throws {MalformedError} with every fault, each with the path of its field
 */
export function parsePolicy(bytes: ByteString, what: string): Policy {
  const text = utf8Decode(bytes);
  if (text?.endsWith('\n') !== true) throw new MalformedError(what, 'not a line of UTF-8');
  const result = PolicySchema.safeParse(parseCanonicalJson(text.slice(0, -1), what));
  const faults = result.success ? policyFaults(result.data) : describeIssues(result.error.issues);
  if (!result.success || faults.length > 0) throw new MalformedError(what, faults.join('; '));
  // Records drop a member named `__proto__` without a word.
  if (encodePolicy(result.data) !== bytes) throw new MalformedError(what, 'policy: has a member that is not allowed');
  return result.data;
}

/** The bytes of a policy's file: what {@link parsePolicy} reads, signatures cover, and digests name. */
export function encodePolicy(policy: Policy): ByteString {
  return utf8Encode(`${canonicalJson(policy)}\n`);
}

/** What a schema cannot say: that everyone and everything named exists, and that thresholds can be reached. */
export function policyFaults(policy: Policy): string[] {
  return [
    ...keyFaults(policy),
    ...roleFaults(policy),
    ...overlaps(policy),
    ...releaseFaults(policy),
    ...gateFaults(policy),
    ...environmentFaults(policy),
    ...protectFaults(policy),
  ];
}

function keyFaults({ people, keys, revoked = {} }: Policy): string[] {
  const faults: string[] = [];
  const owners = new Map<KeyId, string>();
  for (const [person, { keys: own }] of Object.entries(people)) {
    for (const key of own) {
      if (!Object.hasOwn(keys, key)) faults.push(`people.${person}.keys: ${key} is not in keys`);
      if (Object.hasOwn(revoked, key)) faults.push(`people.${person}.keys: ${key} is revoked`);
      const owner = owners.get(key);
      if (owner !== undefined) faults.push(`people.${person}.keys: ${key} is ${owner}'s`);
      owners.set(key, person);
    }
  }
  for (const key of Object.keys(keys) as KeyId[]) if (!owners.has(key)) faults.push(`keys.${key}: is nobody's`);
  return faults;
}

function roleFaults(policy: Policy): string[] {
  const faults: string[] = [];
  const check = (roles: Partial<Policy['roles']>, at: string): void => {
    for (const role of ROLES) {
      const holders = roles[role];
      if (holders === undefined) continue;
      const distinct = new Set(holders.people);
      for (const person of distinct) {
        if (!Object.hasOwn(policy.people, person)) faults.push(`${at}.${role}.people: '${person}' is not in people`);
        // A threshold must be reachable by people who can sign.
        else if (policy.people[person]?.keys.length === 0) distinct.delete(person);
      }
      if (holders.threshold > distinct.size)
        faults.push(`${at}.${role}.threshold: ${holders.threshold} of ${distinct.size} people who have keys`);
    }
  };
  check(policy.roles, 'roles');
  for (const [set, { roles }] of Object.entries(policy.sets))
    if (roles !== undefined) check(roles, `sets.${set}.roles`);
  for (const [name, { roles }] of Object.entries(policy.environments ?? {}))
    if (roles !== undefined) check(roles, `environments.${name}.roles`);
  return faults;
}

/** Gates have what they need, and those that sets and environments ask for are there. */
function gateFaults({ sets, environments = {}, gates: named = {}, schemas = {} }: Policy): string[] {
  const faults: string[] = [];
  for (const [name, gate] of Object.entries(named)) {
    if (gate.type === 'json-schema' && !Object.hasOwn(schemas, gate.schema))
      faults.push(`gates.${name}.schema: there is no schema '${gate.schema}'`);
  }
  const typeOf = (gate: string) => (Object.hasOwn(named, gate) ? named[gate]?.type : undefined);
  for (const [set, { gates = [], rollback, layout, keepReleases }] of Object.entries(sets)) {
    for (const gate of gates) {
      const type = typeOf(gate);
      if (type === undefined) faults.push(`sets.${set}.gates: there is no gate '${gate}'`);
      // They run before anything is signed.
      else if (type === 'signature' || type === 'manifest')
        faults.push(
          `sets.${set}.gates: '${gate}' is of type ${type}, and nothing is signed yet when a snapshot is taken`,
        );
      else if (type === 'rehearsed')
        faults.push(`sets.${set}.gates: '${gate}' is of type ${type}, and what is no snapshot yet cannot be rehearsed`);
    }
    for (const gate of rollback?.gates ?? []) {
      const type = typeOf(gate);
      if (type === undefined) faults.push(`sets.${set}.rollback.gates: there is no gate '${gate}'`);
      // What was not rehearsed may have to be put back all the same; and a rehearsal would wait for itself.
      else if (type === 'rehearsed')
        faults.push(
          `sets.${set}.rollback.gates: '${gate}' is of type ${type}, and a rollback cannot wait for a rehearsal`,
        );
    }
    if (keepReleases !== undefined && layout !== 'releases')
      faults.push(`sets.${set}.keepReleases: needs 'layout: releases'`);
  }
  for (const [name, { gates = [] }] of Object.entries(environments)) {
    for (const gate of gates)
      if (typeOf(gate) === undefined) faults.push(`environments.${name}.gates: there is no gate '${gate}'`);
  }
  return faults;
}

/** Environments follow one another without a circle, and their rules can be met. */
function environmentFaults({ environments = {} }: Policy): string[] {
  const faults: string[] = [];
  for (const [name, { from, soak, freeze = [] }] of Object.entries(environments)) {
    const at = `environments.${name}`;
    if (from !== undefined && !Object.hasOwn(environments, from)) faults.push(`${at}.from: there is no '${from}'`);
    if (soak !== undefined && from === undefined) faults.push(`${at}.soak: needs 'from'`);
    const seen = new Set([name]);
    for (let before = from; before !== undefined && Object.hasOwn(environments, before); ) {
      if (seen.has(before)) {
        faults.push(`${at}.from: goes round in a circle`);
        break;
      }
      seen.add(before);
      before = environments[before]?.from;
    }
    for (const [i, window] of freeze.entries()) {
      if ('fromDay' in window && window.toDay < window.fromDay) faults.push(`${at}.freeze.${i}: ends before it begins`);
    }
  }
  return faults;
}

function overlaps(policy: Policy): string[] {
  const faults: string[] = [];
  // Sorted, what is below a path comes right after it.
  const paths = Object.entries(policy.sets)
    .map(([set, { path }]) => ({ set, path: `${path}/` }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  let outer = paths[0];
  for (const inner of paths.slice(1)) {
    if (outer !== undefined && inner.path.startsWith(outer.path))
      faults.push(`sets.${inner.set}.path: overlaps the set '${outer.set}'`);
    else outer = inner;
  }
  return faults;
}

/** No set is in the directory of another's releases. */
function releaseFaults({ sets }: Policy): string[] {
  const faults: string[] = [];
  for (const [owner, { path: linked, layout }] of Object.entries(sets)) {
    if (layout !== 'releases') continue;
    const releases = `${releasesPath(linked)}/`;
    for (const [set, { path }] of Object.entries(sets)) {
      if (`${path}/`.startsWith(releases))
        faults.push(`sets.${set}.path: is where the releases of '${owner}' are kept`);
    }
  }
  return faults;
}
