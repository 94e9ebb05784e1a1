import fc from 'fast-check';
import { expect, test } from 'vitest';
import { comparePaths } from '../../../src/core/entry.ts';
import type { Oid } from '../../../src/core/oid.ts';
import { compareEntries } from '../../../src/core/snapshot/changes.ts';
import { bytePath, fuzzRuns } from '../arbitraries.ts';

const A = 'a'.repeat(40) as Oid;
const B = 'b'.repeat(40) as Oid;
const side = (path: string, { mode = 0o100644, oid = A } = {}) => ({ path, mode, oid });

test.each([
  ['nothing', [side('x')], [side('x')], undefined],
  ['added', [], [side('x')], 'A'],
  ['deleted', [side('x')], [], 'D'],
  ['content', [side('x')], [side('x', { oid: B })], 'M'],
  ['content and bits', [side('x')], [side('x', { oid: B, mode: 0o100755 })], 'M'],
  ['bits', [side('x')], [side('x', { mode: 0o100600 })], 'P'],
  ['type', [side('x')], [side('x', { mode: 0o120000 })], 'T'],
  ['type and content', [side('x', { mode: 0o040000 })], [side('x', { oid: B })], 'T'],
])('%s', (_, from, to, status) => {
  expect(compareEntries(from, to)).toEqual(
    status === undefined ? [] : [{ status, path: 'x', from: from[0], to: to[0] }],
  );
});

test('two contents of one object name', () => {
  const withDigest = (sha256: string) => [{ ...side('x'), sha256 }];
  const twins = withDigest('1');
  const others = withDigest('2');
  expect(compareEntries(twins, others).map(({ status }) => status)).toEqual(['M']);
  expect(compareEntries([side('x')], twins)).toEqual([]);
});

test('tells exactly what differs, in order', () => {
  const entries = fc
    .uniqueArray(
      fc.record({ path: bytePath, mode: fc.constantFrom(0o100644, 0o100755, 0o120000), oid: fc.constantFrom(A, B) }),
      { selector: ({ path }) => path, maxLength: 10 },
    )
    .map((some) => some.sort(comparePaths));
  fc.assert(
    fc.property(entries, entries, (from, to) => {
      const changes = compareEntries(from, to);
      expect(changes.map(({ path }) => path)).toEqual([...new Set(changes.map(({ path }) => path))].sort());
      const after = new Map(from.map((entry) => [entry.path, entry]));
      for (const change of changes) {
        expect(change.from).toEqual(after.get(change.path));
        if (change.to === undefined) after.delete(change.path);
        else after.set(change.path, change.to);
      }
      expect([...after.values()].sort(comparePaths)).toEqual(to);
      expect(compareEntries(from, from)).toEqual([]);
    }),
    fuzzRuns(200),
  );
});
