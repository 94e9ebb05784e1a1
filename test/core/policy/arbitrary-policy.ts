import fc from 'fast-check';
import type { Policy } from '../../../src/core/policy/schema.ts';
import { ROLES } from '../../../src/core/policy/schema.ts';
import type { KeyId } from '../../../src/core/signing.ts';

/** Few people with few keys, so that they meet. */
export const PEOPLE = ['ada', 'ben', 'constructor', 'dan'] as const;
export const KEYS: readonly KeyId[] = [...'ABCDEF'].map((digit) => `openpgp:${digit.repeat(40)}` as const);
export const REPOSITORY = 'b'.repeat(64);

const certificate = { certificate: `sha256:${'0'.repeat(64)}` };
const holders = fc.record({
  people: fc.uniqueArray(fc.constantFrom(...PEOPLE), { minLength: 1 }),
  threshold: fc.integer({ min: 1, max: 3 }),
});
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const rolesOf = (names: readonly string[]) =>
  fc.record(Object.fromEntries(names.map((name) => [name, holders])), { requiredKeys: [] });

/** Well-shaped policies, in which each key is one person's. They may lack people for a role. */
export const policy: fc.Arbitrary<Policy> = fc
  .record({
    version: fc.integer({ min: 1, max: 4 }),
    owners: fc.array(fc.constantFrom(...PEOPLE, undefined), { minLength: KEYS.length, maxLength: KEYS.length }),
    root: holders,
    roles: rolesOf(ROLES.filter((role) => role !== 'root')),
    ofSet: optional(rolesOf(ROLES.filter((role) => role !== 'root'))),
    exclude: fc.array(fc.constantFrom('a', 'b', 'a, b', '"a"', '*.tmp'), { maxLength: 2 }),
    expires: optional(fc.constantFrom('2026-01-01T00:00:00Z', '2027-01-01T00:00:00Z')),
    revoked: optional(
      fc.dictionary(
        fc.constantFrom(...KEYS),
        fc.record({
          reason: fc.constantFrom('compromised' as const, 'lost' as const),
          since: fc.integer({ min: 1, max: 9 }),
        }),
      ),
    ),
  })
  .map(({ version, owners, root, roles, ofSet, exclude, expires, revoked }) => ({
    format: 1 as const,
    repository: REPOSITORY,
    version,
    ...(expires === undefined ? {} : { expires }),
    sets: { artifacts: { path: 'artifacts', exclude, ...(ofSet === undefined ? {} : { roles: ofSet }) } },
    people: Object.fromEntries(PEOPLE.map((name) => [name, { name, keys: KEYS.filter((_, i) => owners[i] === name) }])),
    roles: { ...roles, root },
    keys: Object.fromEntries(KEYS.filter((_, i) => owners[i] !== undefined).map((key) => [key, certificate])),
    ...(revoked === undefined ? {} : { revoked }),
  }));
