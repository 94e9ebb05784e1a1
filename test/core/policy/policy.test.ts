import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson } from '../../../src/core/canonical-json.ts';
import { MalformedError } from '../../../src/core/errors.ts';
import { encodePolicy, parsePolicy } from '../../../src/core/policy/policy.ts';
import { hasRole, personOf } from '../../../src/core/policy/roles.ts';
import { isRelativePath, type Policy } from '../../../src/core/policy/schema.ts';
import { rulesOf } from '../../../src/core/promotion/rules.ts';
import { fuzzRuns, mutated } from '../arbitraries.ts';

const ADA = `openpgp:${'A'.repeat(40)}` as const;
const BEN = `openpgp:${'B'.repeat(40)}` as const;
const EVE = `openpgp:${'E'.repeat(40)}` as const;
const CERTIFICATE = { certificate: `sha256:${'0'.repeat(64)}` };
const both = { people: ['ada', 'ben'], threshold: 1 };

const POLICY: Policy = {
  format: 1,
  repository: 'b'.repeat(64),
  version: 1,
  sets: {
    artifacts: { path: 'artifacts', exclude: ['*.tmp', '!keep.tmp'] },
    models: { path: 'data/mödels', exclude: [] },
  },
  people: { ada: { name: 'Ada Ü.', keys: [ADA] }, ben: { name: 'Ben', keys: [BEN] } },
  keys: { [ADA]: CERTIFICATE, [BEN]: CERTIFICATE },
  roles: {
    root: { people: ['ada', 'ben'], threshold: 2 },
    snapshotter: both,
    promoter: both,
    approver: both,
    releaser: { people: ['ben'], threshold: 1 },
    pruner: both,
    auditor: both,
  },
};

interface Loose {
  format: number;
  repository: string;
  version: number;
  enviroments: object;
  extra: number;
  sets: Record<string, { path: string; exclude?: string[]; excludes?: string[] }>;
  people: Record<'ada' | 'ben', { name: string; keys: string[] }>;
  keys: Record<string, { certificate: string }>;
  roles: Record<string, { people: string[]; threshold: number }>;
}

/** A copy in which one thing is different. */
function changed(change: (policy: Loose) => unknown): string {
  const copy = structuredClone(POLICY) as unknown as Loose;
  change(copy);
  return encodePolicy(copy as unknown as Policy);
}

/** The part of that name. */
function part<T>(parts: Record<string, T>, name: string): T {
  const found = parts[name];
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
}

const parse = (bytes: string) => parsePolicy(bytes, 'the policy');

test('a policy is a line of canonical JSON, and is read back', () => {
  const bytes = encodePolicy(POLICY);
  expect(parse(bytes)).toEqual(POLICY);
  expect(bytes).toBe(`${Buffer.from(canonicalJson(POLICY)).toString('latin1')}\n`);
});

test('once changed, is refused or is another policy that prints as it stands', () => {
  fc.assert(
    fc.property(mutated(encodePolicy(POLICY)), (bytes) => {
      try {
        const policy = parse(bytes);
        expect(encodePolicy(policy)).toBe(bytes);
        expect(policy).not.toEqual(POLICY);
      } catch (error) {
        if (!(error instanceof MalformedError)) throw error;
      }
    }),
    fuzzRuns(500),
  );
});

describe('refused, with the place of the fault:', () => {
  test.each<[string, (policy: Loose) => unknown]>([
    ['format', (p) => (p.format = 2)],
    ['repository', (p) => (p.repository = 'B'.repeat(64))],
    ['version', (p) => (p.version = 0)],
    ['is not a field of a policy', (p) => (p.enviroments = {})],
    ['sets.artifacts', (p) => (part(p.sets, 'artifacts').excludes = [])],
    ['sets.artifacts.exclude', (p) => delete part(p.sets, 'artifacts').exclude],
    ['sets.artifacts.exclude.0', (p) => (part(p.sets, 'artifacts').exclude = [''])],
    ['sets.Artifacts', (p) => (p.sets['Artifacts'] = { path: 'x', exclude: [] })],
    ['sets.artifacts.path', (p) => (part(p.sets, 'artifacts').path = '../x')],
    ["sets.x.path: overlaps the set 'artifacts'", (p) => (p.sets['x'] = { path: 'artifacts', exclude: [] })],
    ["sets.x.path: overlaps the set 'artifacts'", (p) => (p.sets['x'] = { path: 'artifacts/x', exclude: [] })],
    ["sets.models.path: overlaps the set 'x'", (p) => (p.sets['x'] = { path: 'data', exclude: [] })],
    [
      "sets.x.path: is where the releases of 'artifacts' are kept",
      (p) => {
        Object.assign(part(p.sets, 'artifacts'), { layout: 'releases' });
        p.sets['x'] = { path: '.artifacts.releases/x', exclude: [] };
      },
    ],
    [`keys.${ADA}: is nobody's`, (p) => (p.people.ada.keys = [])],
    ['people.ada.keys.0', (p) => (p.people.ada.keys = [ADA.toLowerCase()])],
    ['people.ada.name', (p) => (p.people.ada.name = 'A\u202eda')],
    ['people.ada.name', (p) => (p.people.ada.name = '')],
    [`people.ada.keys: ${EVE} is not in keys`, (p) => p.people.ada.keys.push(EVE)],
    [`people.ben.keys: ${ADA} is ada's`, (p) => p.people.ben.keys.push(ADA)],
    [`people.ada.keys: ${ADA} is ada's`, (p) => p.people.ada.keys.push(ADA)],
    [`keys.${ADA}.certificate`, (p) => (part(p.keys, ADA).certificate = '0'.repeat(64))],
    ['keys.x', (p) => (p.keys['x'] = CERTIFICATE)],
    ['roles.root.threshold: 3 of 2 people', (p) => (part(p.roles, 'root').threshold = 3)],
    ['roles.root.threshold: 2 of 1 people', (p) => (part(p.roles, 'root').people = ['ada', 'ada'])],
    ['roles.root.threshold', (p) => (part(p.roles, 'root').threshold = 0)],
    ["roles.root.people: 'eve' is not in people", (p) => part(p.roles, 'root').people.push('eve')],
    ["roles.root.people: 'constructor' is not in people", (p) => part(p.roles, 'root').people.push('constructor')],
    ['roles.pruner.people', (p) => (part(p.roles, 'pruner').people = [])],
    ['roles', (p) => (p.roles['emperor'] = both)],
    ['roles.root', (p) => delete p.roles['root']],
  ])('%s', (place, change) => {
    expect(() => parse(changed(change))).toThrow(place);
    expect(() => parse(changed(change))).toThrow(MalformedError);
  });

  test('a member named __proto__, wherever it stands', () => {
    const json = canonicalJson(POLICY);
    const places = ['{', '"sets":{', '"people":{', '"keys":{', '"roles":{', '"artifacts":{', '"root":{', '"ada":{'];
    for (const place of places) {
      for (const value of ['{}', 'null', '{"exclude":[],"path":"x"}', '{"keys":[],"name":"x"}']) {
        const at = json.indexOf(place) + place.length;
        const bytes = `${json.slice(0, at)}"__proto__":${value},${json.slice(at)}\n`;
        const canonical = `${canonicalJson(JSON.parse(bytes))}\n`;
        expect(() => parse(Buffer.from(canonical).toString('latin1'))).toThrow(MalformedError);
      }
    }
  });

  test('every fault at once', () => {
    const bytes = changed((p) => {
      part(p.roles, 'root').threshold = 9;
      part(p.roles, 'pruner').people.push('eve');
    });
    expect(() => parse(bytes)).toThrow(/roles\.root\.threshold.*; .*roles\.pruner\.people/);
    const malformed = changed((p) => {
      p.version = 0;
      p.extra = 1;
    });
    expect(() => parse(malformed)).toThrow(/version.*; .*extra/);
  });

  test.each([
    ['nothing', ''],
    ['no line feed', encodePolicy(POLICY).slice(0, -1)],
    ['two line feeds', `${encodePolicy(POLICY)}\n`],
    ['bytes that are not UTF-8', encodePolicy(POLICY).replace('Ben', '\xff')],
    ['other white space', `${JSON.stringify(POLICY, null, 1)}\n`],
    ['a lone surrogate', encodePolicy(POLICY).replace('*.tmp', '\\ud800')],
    ['an array', '[]\n'],
    ['endless nesting', `${'['.repeat(1_000_000)}\n`],
  ])('%s', (_, bytes) => expect(() => parse(bytes)).toThrow(MalformedError));

  test('many overlapping sets, at once', () => {
    const bytes = changed((p) => {
      for (let i = 0; i < 20_000; i++) p.sets[`s${i}`] = { path: `p/${i}`, exclude: [] };
      p.sets['last'] = { path: 'p', exclude: [] };
    });
    expect(() => parse(bytes)).toThrow("overlaps the set 'last'");
  });
});

test('what is out of bounds is told in plain words', () => {
  const negative = changed((p) => Object.assign(p, { rehearsal: { requireGates: -3 } }));
  expect(() => parse(negative)).toThrow('rehearsal.requireGates: is less than 0');
  const bytes = changed((p) => {
    p.version = 0;
    p.people.ada.name = '';
    part(p.roles, 'pruner').people = [];
    p.people.ben.name = 'x'.repeat(1000);
  });
  expect(() => parse(bytes)).toThrow(/version: is less than 1; /);
  expect(() => parse(bytes)).toThrow(/people\.ada\.name: is empty; /);
  expect(() => parse(bytes)).toThrow(/people\.ben\.name: is longer than \d+ characters; /);
  expect(() => parse(bytes)).toThrow(/roles\.pruner\.people: has no entries/);
});

test("a hold after a rollback asks for nobody's approval", () => {
  const environments = { production: { rollback: { hold: true } } };
  const policy = parse(changed((p) => Object.assign(p, { environments })));
  expect(policy.environments).toEqual(environments);
  expect(rulesOf(policy, 'production')).toMatchObject({ rollbackApprovals: 0, holdsAfterRollback: true });
});

test('neighbours are no overlap', () => {
  const bytes = changed((p) => {
    for (const [i, path] of ['data/m', 'data/mödels2', 'artifacts-2', 'artifacts.x', 'a'].entries()) {
      p.sets[`s${i}`] = { path, exclude: [] };
    }
  });
  expect(Object.keys(parse(bytes).sets)).toHaveLength(7);
});

test('roles are of people, through their keys', () => {
  expect(personOf(POLICY, BEN)).toBe('ben');
  expect(personOf(POLICY, EVE)).toBeUndefined();
  expect(hasRole(POLICY, BEN, 'releaser')).toBe(true);
  expect(hasRole(POLICY, ADA, 'releaser')).toBe(false);
  expect(hasRole(POLICY, EVE, 'releaser')).toBe(false);
});

test.each([
  ...[
    ['a', true],
    ['a/b.c/…', true],
    ['a b', true],
    ['..a', true],
    ['.gitx', true],
  ],
  ...[
    '',
    '/a',
    'a/',
    'a//b',
    '.',
    './a',
    '..',
    'a/../b',
    '.git',
    'a/.GIT/b',
    'git~1',
    'a\nb',
    'a\u202eb',
    'a\0',
    'a\ud800',
  ].map((path) => [path, false]),
] as [string, boolean][])('whether %j is a path below the top level: %j', (path, expected) => {
  expect(isRelativePath(path)).toBe(expected);
});
