import type { ByteString } from '../byte-string.ts';
import { escapeText } from '../byte-string.ts';
import { SnapshotError } from '../errors.ts';
import type { KeyId, PublicKey } from '../signing.ts';
import { approvalFaults } from './approval-faults.ts';
import { describeIssues } from './describe-issues.ts';
import { policyFaults } from './policy.ts';
import type { Policy, Role } from './schema.ts';
import { PolicySource, ROLES } from './schema.ts';
import { successionFaults } from './succession.ts';
import { withoutFaults } from './without-faults.ts';

/** A policy that is to follow another, with its keys. */
export interface PolicyDraft {
  readonly policy: Policy;
  readonly keys: readonly PublicKey[];
  /** The JSON Schemas that its gates use, by name. */
  readonly schemas: ReadonlyMap<string, ByteString>;
}

/** What a source needs besides itself. */
export interface SourceSurroundings {
  readonly repository: string;
  /** The policy that it has to be able to follow; undefined: that does not matter. */
  readonly former: Policy | undefined;
  /** Public keys that are at hand: of the policy in force, and of files beside the source. */
  readonly keys: readonly PublicKey[];
  /** The same of schemas. */
  readonly schemas: ReadonlyMap<string, ByteString>;
  /** Those of them that are no JSON Schemas, and why. */
  readonly schemaFaults: ReadonlyMap<string, string>;
  /** `sha256:` of a file's bytes. */
  readonly digestOf: (bytes: ByteString) => string;
}

/**
 * Makes a policy of what people wrote.
 *
 * @param file - named in the error
 * @throws {SnapshotError} of kind `config` with every fault, each with the path of its field
 */
export function draftPolicy(written: unknown, file: string, around: SourceSurroundings): PolicyDraft {
  const result = PolicySource.safeParse(written);
  if (result.success) {
    const { draft, faults } = draftOf(result.data, around);
    if (faults.length > 0) throw invalid(file, faults);
    return draft;
  }
  const { issues } = result.error;
  const rest = PolicySource.safeParse(withoutFaults(written, issues));
  throw invalid(file, [...describeIssues(issues), ...(rest.success ? draftOf(rest.data, around).faults : [])]);
}

/** The policy that well-formed fields come to, and what is wrong with it. */
function draftOf(source: PolicySource, around: SourceSurroundings): { draft: PolicyDraft; faults: string[] } {
  const { sets, people, roles, environments, ...rest } = source;
  const wanted = [...new Set(Object.values(people).flatMap((person) => person.keys))];
  const keys = wanted.flatMap((key) => around.keys.find((candidate) => candidate.key === key) ?? []);
  const policy: Policy = {
    format: 1,
    repository: around.repository,
    ...rest,
    sets: Object.fromEntries(
      Object.entries(sets).map(([name, { exclude = [], roles: ofSet, ...rest }]) => [
        name,
        { ...rest, exclude, ...(ofSet === undefined ? {} : { roles: holdersOfAll(ofSet) }) },
      ]),
    ),
    ...(environments === undefined
      ? {}
      : {
          environments: Object.fromEntries(
            Object.entries(environments).map(([name, { roles: ofEnvironment, ...rules }]) => [
              name,
              { ...rules, ...(ofEnvironment === undefined ? {} : { roles: holdersOfAll(ofEnvironment) }) },
            ]),
          ),
        }),
    people,
    roles: { ...holdersOfAll(roles), root: holdersOf(roles.root) },
    keys: Object.fromEntries(keys.map((key) => [key.key, { certificate: around.digestOf(key.armored) }])),
  };
  const used = usedSchemas(policy);
  const schemas = new Map([...around.schemas].filter(([name]) => used.has(name)));
  const complete: Policy =
    schemas.size === 0
      ? policy
      : {
          ...policy,
          schemas: Object.fromEntries([...schemas].map(([name, bytes]) => [name, { digest: around.digestOf(bytes) }])),
        };
  const missing = wanted.filter((key) => !keys.some((found) => found.key === key));
  const faults = [
    ...(around.former === undefined ? [] : successionFaults(around.former, policy)),
    ...missing.map((key) => `people: there is no file of the key ${key} beside it`),
    ...policyFaults(complete).filter((fault) => !fault.endsWith('is not in keys')),
    ...approvalFaults(complete),
    ...[...around.schemaFaults]
      .filter(([name]) => used.has(name))
      .map(([name, fault]) => `schemas/${name}.json: ${fault}`),
  ];
  return { draft: { policy: complete, keys, schemas }, faults };
}

function usedSchemas({ gates = {} }: Policy): Set<string> {
  return new Set(Object.values(gates).flatMap((gate) => (gate.type === 'json-schema' ? [gate.schema] : [])));
}

function invalid(file: string, faults: readonly string[]): SnapshotError {
  const [only, ...others] = faults.map(escapeText);
  const text = others.length === 0 ? ` ${only ?? ''}` : [only, ...others].map((fault) => `\n  ${fault}`).join('');
  return new SnapshotError('config', `'${file}' cannot be the next policy:${text}`, {
    hint: `See ${[...new Set(faults.map(placeToRead))].join(', ')}.`,
  });
}

/** Where what a fault is about is explained. */
function placeToRead(fault: string): string {
  if (/^(?:gates|schemas)\b|^sets\.[^.:]+\.gates/.test(fault)) return 'docs/gates.md';
  if (fault.startsWith('environments')) return 'docs/promotion-rules.md#every-rule';
  if (fault.startsWith('protect')) return 'docs/policy.md#branches-and-tags';
  return /^(?:keys|people|revoked)\b/.test(fault) ? 'docs/policy.md#keys' : 'docs/policy.md#the-file';
}

type WrittenHolders = PolicySource['roles']['root'];

function holdersOf(written: WrittenHolders): Policy['roles']['root'] {
  return Array.isArray(written) ? { people: written, threshold: 1 } : written;
}

function holdersOfAll<Written extends Partial<Record<Role, WrittenHolders | undefined>>>(
  written: Written,
): Partial<Policy['roles']> {
  return Object.fromEntries(
    ROLES.flatMap((role) => {
      const holders = written[role];
      return holders === undefined ? [] : [[role, holdersOf(holders)]];
    }),
  );
}

/** A stored policy as people would write it, as the version that would follow it. */
export function sourceOf({
  format: _,
  repository: _id,
  keys: _keys,
  schemas: _schemas,
  version,
  ...policy
}: Policy): PolicySource {
  return { version: version + 1, ...policy };
}

/** The policy that follows another, changed in some fields. Keys that nobody has any more are left out. */
export function nextPolicy(
  { policy: former, keys: formerKeys, schemas }: PolicyDraft,
  changes: Partial<Pick<Policy, 'people' | 'roles' | 'revoked' | 'sets' | 'expires'>>,
  { added, digestOf }: { added: readonly PublicKey[]; digestOf: (bytes: ByteString) => string },
): PolicyDraft {
  const people = changes.people ?? former.people;
  const held = new Set<KeyId>(Object.values(people).flatMap((person) => person.keys));
  const keys = [...formerKeys.filter(({ key }) => !added.some((other) => other.key === key)), ...added].filter(
    ({ key }) => held.has(key),
  );
  return {
    policy: {
      ...former,
      ...changes,
      version: former.version + 1,
      keys: Object.fromEntries(keys.map((key) => [key.key, { certificate: digestOf(key.armored) }])),
    },
    keys,
    schemas,
  };
}
