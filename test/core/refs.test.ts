import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SnapshotError } from '../../src/core/errors.ts';
import { isOid, SHA1, SHA256 } from '../../src/core/oid.ts';
import {
  isName,
  isSnapshotId,
  isSnapshotRef,
  parseSnapshotRef,
  requireName,
  snapshotRef,
} from '../../src/core/refs.ts';
import { fuzzRuns } from './arbitraries.ts';

const ID = '20261122T143000Z-0123456789ab';

describe('names', () => {
  test.each(['a', '0', 'artifacts', 'a.b_c-d', `a${'b'.repeat(62)}`, 'a.locker'])('%j is one', (name) => {
    expect(isName(name)).toBe(true);
    expect(requireName(name, 'set')).toBe(name);
  });

  test.each([
    ...['', '.a', '-a', '_a', 'A', 'a b', 'a/b', 'a..b', 'a.', 'a.lock', `a${'b'.repeat(63)}`],
    ...['ä', 'a\n', 'a\0', '$(id)', '--upload-pack=x', 'a~1', 'a^', 'a:b', 'a?', 'a*', 'a[', 'a\\', '@{', 'a\u202eb'],
  ])('%j is none', (name) => {
    expect(isName(name)).toBe(false);
    expect(() => requireName(name, 'set')).toThrow(SnapshotError);
  });

  test('git takes every ref made of one', () => {
    const name = fc
      .string({ unit: fc.constantFrom('a', '0', '.', '-', '_', '.lock'), minLength: 1, maxLength: 5 })
      .filter(isName);
    fc.assert(
      fc.property(name, (set) => {
        const ref = snapshotRef(set, ID);
        execFileSync('git', ['check-ref-format', ref]);
        expect(parseSnapshotRef(ref)).toEqual({ set, id: ID });
      }),
      { numRuns: 20 },
    );
  });
});

describe('parseSnapshotRef', () => {
  test('knows a set by the rules of names', () => {
    const set = fc.string({
      unit: fc.constantFrom('a', '0', '.', '..', '-', '_', '.lock', 'A', '/', '\n', 'b'.repeat(30)),
      maxLength: 6,
    });
    fc.assert(
      fc.property(set, (name) => {
        expect(isSnapshotRef(`refs/snapshots/${name}/${ID}`)).toBe(isName(name));
      }),
      fuzzRuns(1000),
    );
  });

  test('is the reverse of snapshotRef, for that spelling only', () => {
    const near = fc.string({
      unit: fc.constantFrom('refs/', 'snapshots/', 'a', '/', ID, '.', 'A', '\n'),
      maxLength: 6,
    });
    fc.assert(
      fc.property(near, (ref) => {
        const parsed = parseSnapshotRef(ref);
        if (parsed !== undefined) expect(snapshotRef(parsed.set, parsed.id)).toBe(ref);
      }),
      fuzzRuns(500),
    );
  });

  test.each([
    `refs/snapshots/${ID}`,
    `refs/snapshots/a/${ID}/x`,
    `refs/snapshots/a/b/${ID}`,
    `refs/snapshots//${ID}`,
    `refs/snapshots/a/${ID}\n`,
    `refs/snapshots/a/${ID.toUpperCase()}`,
    `refs/snapshots/A/${ID}`,
    `refs/Snapshots/a/${ID}`,
    `refs/tags/a/${ID}`,
    'refs/snapshots/',
    '',
  ])('%j is not of the grammar', (ref) => expect(parseSnapshotRef(ref)).toBeUndefined());
});

test.each([ID.slice(1), `${ID}0`, ID.replace('T', 't'), ID.replace('Z', ''), `${ID}\n`, ID.replace('a', 'g')])(
  '%j is no id',
  (id) => {
    expect(isSnapshotId(id)).toBe(false);
  },
);

test('an object name has exactly as many digits as the format says', () => {
  for (const format of [SHA1, SHA256]) {
    const name = 'a1'.repeat(format.rawLength);
    expect(isOid(name, format)).toBe(true);
    for (const other of [
      name.slice(1),
      `${name}0`,
      name.toUpperCase(),
      `${name.slice(1)}\n`,
      `${name.slice(1)}g`,
      '',
    ]) {
      expect(isOid(other, format)).toBe(false);
    }
  }
  expect(isOid('a'.repeat(64), SHA1)).toBe(false);
});
