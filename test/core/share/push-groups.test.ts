import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Oid } from '../../../src/core/oid.ts';
import {
  MAX_PUSH_BYTES,
  pushBytes,
  pushGroups,
  type RemoteRefUpdate,
  requirePushed,
} from '../../../src/core/share/transport.ts';

const oid = 'a'.repeat(40) as Oid;

test('groups keep the order, and each fits', () => {
  const update = fc.record({
    ref: fc.string({ minLength: 1, maxLength: 300 }).map((name) => `refs/${name}`.padEnd(20_000, 'x')),
    to: fc.constantFrom(oid, null),
    expected: fc.constantFrom(oid, null),
  });
  fc.assert(
    fc.property(fc.array(update, { maxLength: 60 }), (updates: RemoteRefUpdate[]) => {
      const groups = pushGroups(updates);
      expect(groups.flat()).toEqual(updates);
      for (const group of groups) {
        expect(group.length).toBeGreaterThan(0);
        expect(group.reduce((sum, one) => sum + pushBytes(one), 0)).toBeLessThanOrEqual(MAX_PUSH_BYTES);
      }
    }),
    { numRuns: 50 },
  );
});

test('a push that did all passes; else the error tells most', () => {
  const base = { said: [], ok: false };
  const ref = 'refs/snapshots/a/1';
  expect(() => requirePushed({ ...base, ok: true, refs: [] }, 'origin')).not.toThrow();
  const refused = { ref, status: 'refused', reason: 'because \u001b' } as const;
  const stale = { ref, status: 'stale', reason: 'stale info' } as const;
  expect(() => requirePushed({ ...base, refs: [refused], said: ['remember  '] }, 'origin')).toThrow(
    "'origin' refused 'refs/snapshots/a/1' (because \\u{1b}); remember",
  );
  expect(() => requirePushed({ ...base, refs: [refused, stale] }, 'origin')).toThrow(
    expect.objectContaining({ kind: 'conflict', refs: [ref] }),
  );
});
