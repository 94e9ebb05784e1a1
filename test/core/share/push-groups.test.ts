import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Oid } from '../../../src/core/oid.ts';
import {
  MAX_PUSH_BYTES,
  pushBytes,
  pushGroups,
  type RemoteRefOutcome,
  type RemoteRefUpdate,
  requirePushed,
  spokenLines,
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
  const words = (...refs: RemoteRefOutcome[]) => {
    try {
      requirePushed({ ...base, refs }, 'origin');
    } catch (error) {
      return String(error);
    }
    return undefined;
  };
  expect(words(refused)).toMatch(/'origin' refused 'refs\/snapshots\/a\/1': because \\u\{1b\}$/);
  expect(words(refused, { ...refused, ref: 'refs/snapshots/a/2' })).toMatch(/refused all 2 refs: because \\u\{1b\}$/);
  const other = { ref: 'refs/snapshots/a/2', status: 'refused', reason: 'something else' } as const;
  expect(words(refused, other)).toMatch(/refused 'refs\/snapshots\/a\/1': because \\u\{1b\}, and 1 more$/);
  expect(words()).toMatch(/'origin' refused the push$/);
  const full = { ref, status: 'failed', reason: 'unpacker error' } as const;
  expect(() => requirePushed({ ...base, refs: [full] }, 'origin')).toThrow(
    expect.objectContaining({ kind: 'git', message: "'origin' could not store what was sent: unpacker error" }),
  );
  const locked = { ref, status: 'locked', reason: '/srv/\u001b.lock' } as const;
  expect(() => requirePushed({ ...base, refs: [full, locked] }, 'origin')).toThrow(
    expect.objectContaining({
      kind: 'conflict',
      message: "a process at 'origin' holds the lock '/srv/\\u{1b}.lock'",
    }),
  );
  expect(() => requirePushed({ ...base, refs: [refused, stale] }, 'origin')).toThrow(
    expect.objectContaining({ kind: 'conflict', refs: [ref] }),
  );
});

test('what the other side said is shown line by line, and bounded', () => {
  expect(spokenLines({ said: ['one  ', '', 'two \u001b'] })).toEqual([
    'remote: one',
    'remote: ',
    'remote: two \\u{1b}',
  ]);
  const many = spokenLines({ said: Array.from({ length: 100 }, (_, i) => `${i}`) });
  expect([many.length, many.at(-1)]).toEqual([61, 'remote: and 40 more lines']);
});
