import type { ByteString } from '../byte-string.ts';
import { escapeText } from '../byte-string.ts';
import { SnapshotError } from '../errors.ts';
import type { KeyId, PublicKey } from '../signing.ts';
import { describeIssues } from './describe-issues.ts';
import { policyFaults } from './policy.ts';
import type { Policy, Role } from './schema.ts';
import { PolicySource, ROLES } from './schema.ts';
import { successionFaults } from './succession.ts';

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
  if (!result.success) throw invalid(file, describeIssues(result.error.issues));
  const { sets, people, roles, environments, ...rest } = result.data;
  const wanted = [...new Set(Object.values(people).flatMap((person) => person.keys))];
  const keys = wanted.flatMap((key) => around.keys.find((candidate) => candidate.key === key) ?? []);
  const policy: Policy = {
    format: 1,
    repository: around.repository,
    ...rest,
    sets: Object.fromEntries(
      Object.entries(sets).map(([name, { path, exclude = [], roles: ofSet }]) => [
        name,
        { path, exclude, ...(ofSet === undefined ? {} : { roles: holdersOfAll(ofSet) }) },
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
  const faults = policyFaults(complete).filter((fault) => !fault.endsWith('is not in keys'));
  const all = [
    ...(around.former === undefined ? [] : successionFaults(around.former, policy)),
    ...missing.map((key) => `people: there is no file of the key ${key} beside it`),
    ...faults,
  ];
  if (all.length > 0) throw invalid(file, all);
  return { policy: complete, keys, schemas };
}

function usedSchemas({ gates = {} }: Policy): Set<string> {
  return new Set(Object.values(gates).flatMap((gate) => (gate.type === 'json-schema' ? [gate.schema] : [])));
}

function invalid(file: string, faults: readonly string[]): SnapshotError {
  const [only, ...others] = faults.map(escapeText);
  const text = others.length === 0 ? ` ${only ?? ''}` : [only, ...others].map((fault) => `\n  ${fault}`).join('');
  return new SnapshotError('config', `'${file}' cannot be the next policy:${text}`, {
    hint: 'See docs/policy.md for every field. Public keys stand in a directory keys/ beside the file.',
  });
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
