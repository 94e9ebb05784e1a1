import * as z from 'zod';
import type { ByteString } from '../byte-string.ts';
import { hasUnsafeCharacters, utf8Decode, utf8Encode } from '../byte-string.ts';
import { canonicalJson, parseCanonicalJson } from '../canonical-json.ts';
import { MalformedError } from '../errors.ts';
import { refusePath } from '../paths.ts';
import { isName } from '../refs.ts';
import type { KeyId } from '../signing.ts';

const Name = z.string().refine(isName, 'not a valid name');
const Digest = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'not a SHA-256 digest');
const Key = z.string().regex(/^openpgp:[0-9A-F]{40}$/, 'not a key id') as z.ZodType<KeyId>;
const Text = z
  .string()
  .min(1)
  .max(200)
  .refine((text) => !hasUnsafeCharacters(text), 'has control characters');
const RelativePath = z.string().refine(isRelativePath, 'not a path below the top level');

/** What a role may do is said in docs/architecture.md. */
export const ROLES = ['root', 'snapshotter', 'promoter', 'approver', 'releaser', 'pruner', 'auditor'] as const;
/** The name of a role. */
export type Role = (typeof ROLES)[number];

const RoleHolders = z.strictObject({
  people: z.array(Name).min(1).describe('Who has the role.'),
  threshold: z.int().min(1).describe('How many of them must agree.'),
});

const Policy = z.strictObject({
  format: z.literal(1),
  repository: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .describe('Random name of the repository; a signature made for another does not count here.'),
  version: z.int().min(1),
  sets: z.record(
    Name,
    z.strictObject({
      path: RelativePath.describe('Directory, relative to the top level.'),
      exclude: z.array(z.string().min(1)).describe('What is left out, in the syntax of gitignore.'),
    }),
  ),
  people: z.record(Name, z.strictObject({ name: Text, keys: z.array(Key).min(1) })),
  keys: z.record(Key, z.strictObject({ certificate: Digest.describe('Of the file in keys/.') })),
  roles: z.strictObject(
    Object.fromEntries(ROLES.map((role) => [role, RoleHolders])) as Record<Role, typeof RoleHolders>,
  ),
});

/** Who may do what in this repository. */
export type Policy = z.infer<typeof Policy>;

/**
 * Reads a policy from its file in the repository.
 *
 * @throws {MalformedError} with every fault, each with the path of its field
 */
export function parsePolicy(bytes: ByteString, what: string): Policy {
  const text = utf8Decode(bytes);
  if (text?.endsWith('\n') !== true) throw new MalformedError(what, 'not a line of UTF-8');
  const result = Policy.safeParse(parseCanonicalJson(text.slice(0, -1), what));
  const faults = result.success
    ? policyFaults(result.data)
    : result.error.issues.map((issue) => `${issue.path.join('.') || 'policy'}: ${issue.message}`);
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
function policyFaults(policy: Policy): string[] {
  const faults: string[] = [];
  const owners = new Map<string, string>();
  for (const [person, { keys }] of Object.entries(policy.people)) {
    for (const key of keys) {
      if (!Object.hasOwn(policy.keys, key)) faults.push(`people.${person}.keys: ${key} is not in keys`);
      const owner = owners.get(key);
      if (owner !== undefined) faults.push(`people.${person}.keys: ${key} is ${owner}'s`);
      owners.set(key, person);
    }
  }
  for (const role of ROLES) {
    const { people, threshold } = policy.roles[role];
    const distinct = new Set(people);
    for (const person of distinct) {
      if (!Object.hasOwn(policy.people, person)) faults.push(`roles.${role}.people: '${person}' is not in people`);
    }
    if (threshold > distinct.size) faults.push(`roles.${role}.threshold: ${threshold} of ${distinct.size} people`);
  }
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

/** Whether a path stays below the top level, and out of the git directory. */
export function isRelativePath(path: string): boolean {
  return path.isWellFormed() && !hasUnsafeCharacters(path) && refusePath(utf8Encode(path)) === undefined;
}

/** The person who holds a key, or undefined. */
export function personOf(policy: Policy, key: KeyId): string | undefined {
  return Object.entries(policy.people).find(([, { keys }]) => keys.includes(key))?.[0];
}

/** Whether the holder of `key` has `role`. Nobody has a role that the policy does not give. */
export function hasRole(policy: Policy, key: KeyId, role: Role): boolean {
  const person = personOf(policy, key);
  return person !== undefined && policy.roles[role].people.includes(person);
}
