import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { SnapshotError } from '../../../src/core/errors.ts';
import type { Oid } from '../../../src/core/oid.ts';
import { parseJournal } from '../../../src/core/rollback/parse-journal.ts';
import { formatReleaseJournal, type ReleaseJournal } from '../../../src/core/rollback/release-journal.ts';
import {
  formatReleaseRecord,
  parseReleaseRecord,
  type ReleaseRecord,
} from '../../../src/core/rollback/release-record.ts';
import {
  isReleaseName,
  nextRelease,
  outdatedReleases,
  releaseName,
  releaseOfTarget,
  releasesNotice,
  releasesPath,
  releaseTarget,
} from '../../../src/core/rollback/releases.ts';

const ID = '20260102T030405Z-0123456789ab';
const releaseNames = fc
  .tuple(fc.nat(9_999_999), fc.constantFrom(ID, 'new', undefined))
  .map(([n, id]) => releaseName(n, id));

describe('the names of releases', () => {
  test('are beside the set, and sort by age', () => {
    expect(releasesPath('/srv/app/artifacts')).toBe('/srv/app/.artifacts.releases');
    expect(releasesPath('artifacts')).toBe('.artifacts.releases');
    expect([releaseName(7, ID), releaseName(1_234_567, undefined)]).toEqual([`000007-${ID}`, '1234567-before']);
    expect(releaseTarget('/srv/app/artifacts', `000007-${ID}`)).toBe(`.artifacts.releases/000007-${ID}`);
    expect(releasesNotice('/srv/artifacts')).toMatch(/^# Releases of 'artifacts'[^\n]*\n#[^\n]*\n\*\n$/);
  });

  it('are read back from the link that names them, and from no other', () => {
    fc.assert(
      fc.property(releaseNames, fc.string(), (name, junk) => {
        expect(isReleaseName(name)).toBe(true);
        const target = releaseTarget('/d/x', name);
        expect(releaseOfTarget('/d/x', target)).toBe(name);
        for (const other of [`${junk}${target}`, `${target}${junk}`, target.replace('/', `/${junk}/`)])
          if (other !== target && !isReleaseName(other.slice(other.lastIndexOf('/') + 1)))
            expect(releaseOfTarget('/d/x', other)).toBeUndefined();
        expect(releaseOfTarget('/d/y', target)).toBeUndefined();
      }),
    );
    for (const bad of [
      '',
      '.',
      '..',
      '.gitignore',
      '.git-snapshot-0123',
      '1-x',
      '000001',
      '000001-',
      '000001-a/b',
      '000001-..',
    ])
      expect(isReleaseName(bad), bad).toBe(false);
  });
});

test('as many stay as are to be kept, the newest, and the live one whatever its number', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(releaseNames, { minLength: 1 }),
      fc.nat(),
      fc.integer({ min: 1, max: 5 }),
      (names, at, keep) => {
        const live = names[at % names.length] ?? '';
        const gone = outdatedReleases({ names: [...names, '.gitignore', 'theirs'], live, keep });
        const left = names.filter((name) => !gone.includes(name));
        expect(left).toContain(live);
        expect(left).toHaveLength(Math.min(keep, names.length));
        const number = (name: string) => Number(name.split('-')[0]);
        for (const one of gone)
          for (const other of left) if (other !== live) expect(number(one)).toBeLessThanOrEqual(number(other));
        expect(nextRelease(ID, names)).toBe(releaseName(1 + Math.max(...names.map(number)), ID));
      },
    ),
  );
});

test('the next release has a number that none has, however far somebody else counts', () => {
  expect(nextRelease(ID, ['.gitignore'])).toBe(releaseName(1, ID));
  expect(nextRelease(ID, ['000007-x', '999999999999999-x'])).toBe(releaseName(8, ID));
  expect(nextRelease(undefined, ['999999999999-x', '1000000000000-before', '1000000000001-before'])).toBe(
    '1000000000002-before',
  );
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(10 ** 15 - 1)), fc.constantFrom(ID, undefined), (numbers, id) => {
      const names = numbers.map((n) => releaseName(n, id));
      const next = nextRelease(id, names);
      expect(isReleaseName(next)).toBe(true);
      expect(names).not.toContain(next);
    }),
  );
});

const count = fc.nat();
const mark = fc.record({ mtimeSec: fc.integer(), mtimeNsec: count, size: count, ino: count });
const oid = fc.constantFrom('0123456789'.repeat(4) as Oid, 'abcdef01'.repeat(8) as Oid);
const name = fc
  .string({
    unit: fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code)),
    minLength: 1,
    maxLength: 8,
  })
  .filter((text) => !text.includes('/') && text !== '.' && text !== '..');
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join('/'));

describe('the record of a release', () => {
  const records: fc.Arbitrary<ReleaseRecord> = fc.record({
    content: fc.array(fc.tuple(path, fc.record({ oid, mark }))).map((pairs) => new Map(pairs)),
    others: fc.array(fc.tuple(path, mark)).map((pairs) => new Map(pairs)),
  });

  it('is read as it was written, and is none when cut short or altered', () => {
    fc.assert(
      fc.property(records, fc.nat(), (record, at) => {
        const text = formatReleaseRecord(record);
        expect(parseReleaseRecord(text)).toEqual(record);
        expect(parseReleaseRecord(text.slice(0, at % text.length))).toBeUndefined();
        expect(parseReleaseRecord(`${text} `)).toBeUndefined();
      }),
    );
    expect(parseReleaseRecord('{"format":1,"content":[],"others":[["../x",[0,0,0,0]]]}\n')).toBeUndefined();
    expect(parseReleaseRecord('{"format":2,"content":[],"others":[]}\n')).toBeUndefined();
  });
});

describe('the journal of a switch', () => {
  const journal: ReleaseJournal = {
    operation: '00ff00ff',
    set: 'artifacts',
    from: undefined,
    to: ID,
    startedAtSec: 1,
    context: { a: 'b' },
    root: '/d/artif\xe4cts',
    staging: '/d/.artif\xe4cts.releases/.git-snapshot-00ff00ff',
    madeDirs: ['/d'],
    stagedBefore: { sec: 1, nsec: 2 },
    release: `000002-${ID}`,
    was: { kind: 'directory', release: '000001-before' },
    keep: 3,
  };

  it.each([
    journal.was,
    { kind: 'release', release: `000001-${ID}` },
    { kind: 'nothing' },
  ] satisfies ReleaseJournal['was'][])('is read as it was written: %j', (was) => {
    expect(parseJournal(formatReleaseJournal({ ...journal, was }), 'j')).toEqual({ ...journal, was });
  });

  it.each<[string, (text: string) => string]>([
    ['cut short', (text) => text.slice(0, -3)],
    ['of the other format', (text) => text.replace('"format":2', '"format":1')],
    ['with a field more', (text) => text.replace('{', '{"extra":1,')],
    ['that leads out of the releases', (text) => text.replace(`000002-${ID}`, '../../etc')],
    ['that would have other things removed', (text) => text.replace('.git-snapshot-00ff00ff', `000001-${ID}`)],
    ['of another set', (text) => text.replace('"root":"/d/', '"root":"/e/')],
    ['that keeps none', (text) => text.replace('"keep":3', '"keep":0')],
    ['with another beginning', (text) => text.replace('["directory"', '["file"')],
  ])('is refused when it is one %s', (_, alter) => {
    const text = formatReleaseJournal(journal);
    expect(alter(text)).not.toBe(text);
    expect(() => parseJournal(alter(text), 'j')).toThrow(SnapshotError);
  });
});
