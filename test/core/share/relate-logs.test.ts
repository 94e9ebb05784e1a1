import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Oid } from '../../../src/core/oid.ts';
import { relateLogs } from '../../../src/core/share/relate-logs.ts';

const chain = (prefix: string, length: number) =>
  Array.from({ length }, (_, i) => `${prefix}${i}`.padStart(40, '0') as Oid);

test('two chains are related by what they have in common', () => {
  const sizes = fc.record({ common: fc.nat(6), ours: fc.nat(4), theirs: fc.nat(4) });
  fc.assert(
    fc.property(sizes, ({ common, ours, theirs }) => {
      const shared = chain('c', common);
      const found = relateLogs([...shared, ...chain('a', ours)], [...shared, ...chain('b', theirs)]);
      expect(found.common).toBe(common);
      const apart = common === 0 ? 'unrelated' : 'diverged';
      const expected = ours > 0 ? (theirs > 0 ? apart : 'ahead') : theirs > 0 ? 'behind' : 'same';
      expect(found.relation).toBe(expected);
    }),
  );
});
