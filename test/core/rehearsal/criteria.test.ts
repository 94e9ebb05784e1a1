import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RehearsalEvent } from '../../../src/core/audit/recovery-events.ts';
import { judgeRehearsal, limitText, type Measured, verdictOf } from '../../../src/core/rehearsal/criteria.ts';

const GOOD: Measured = {
  failure: undefined,
  exact: { there: true, back: true },
  changedPaths: 0,
  recoveryMs: 1500,
  lossSec: 3600,
  gates: [],
  faults: undefined,
};
const failing = (measured: Partial<Measured>, rules?: Parameters<typeof judgeRehearsal>[1]) =>
  judgeRehearsal({ ...GOOD, ...measured }, rules)
    .filter(({ ok }) => !ok)
    .map(({ criterion }) => criterion);
const criterionOf = (name: string, measured: Partial<Measured>, rules?: Parameters<typeof judgeRehearsal>[1]) =>
  judgeRehearsal({ ...GOOD, ...measured }, rules).find(({ criterion }) => criterion === name);

const pass = { verdict: 'pass' } as const;
const fail = { verdict: 'fail' } as const;
const error = { verdict: 'error' } as const;

describe('a rehearsal passes', () => {
  test('if it was exact, touched nothing and was in time', () => {
    expect(judgeRehearsal(GOOD).map(({ criterion, limit }) => [criterion, limit])).toEqual([
      ['exact', 'there and back, every byte'],
      ['untouched', 'nothing of the directory changes'],
      ['recovery', '5m'],
    ]);
    expect(verdictOf(judgeRehearsal(GOOD))).toBe('pass');
  });

  test('only if all of that is so', () => {
    expect(failing({ exact: { there: true, back: false } })).toEqual(['exact']);
    expect(failing({ exact: { there: false, back: true } })).toEqual(['exact']);
    expect(failing({ changedPaths: 1 })).toEqual(['untouched']);
    expect(failing({ recoveryMs: 300_000 })).toEqual([]);
    expect(failing({ recoveryMs: 300_001 })).toEqual(['recovery']);
    expect(failing({ recoveryMs: 1001 }, { maxRecovery: '1s' })).toEqual(['recovery']);
  });

  test('not if it came to no end, however fast that was', () => {
    expect(failing({ failure: 'no space left', exact: { there: false, back: false } })).toEqual(['exact', 'recovery']);
    expect(criterionOf('exact', { failure: 'no space left' })?.value).toBe('no space left');
    const stopped = { failure: 'no space left', exact: { there: false, back: false } };
    expect(criterionOf('recovery', stopped)?.value).toBe('not reached');
  });

  test('if no more can be lost than the policy allows', () => {
    expect(criterionOf('loss', {})).toBeUndefined();
    expect(failing({ lossSec: 86_400 }, { maxLoss: '1d' })).toEqual([]);
    expect(failing({ lossSec: 86_401 }, { maxLoss: '1d' })).toEqual(['loss']);
    expect(failing({ lossSec: undefined }, { maxLoss: '1d' })).toEqual(['loss']);
    expect(criterionOf('loss', { lossSec: 90_061 }, { maxLoss: '1d' })?.value).toBe('1 d 1 h');
    // The same spelling for what is asked and for what was found.
    expect(limitText({ criterion: 'loss', limit: '1d' })).toBe('1 d');
    expect(limitText({ criterion: 'gates', limit: '3' })).toBe('3');
  });

  test('if as many gates pass as the policy asks for', () => {
    expect(failing({ gates: [pass, pass] })).toEqual([]);
    expect(failing({ gates: [pass, fail] })).toEqual(['gates']);
    expect(failing({ gates: [pass, error] })).toEqual(['gates']);
    expect(failing({ gates: [pass, fail] }, { requireGates: 1 })).toEqual([]);
    expect(failing({ gates: [pass] }, { requireGates: 2 })).toEqual(['gates']);
    expect(failing({ gates: [] }, { requireGates: 1 })).toEqual(['gates']);
    expect(criterionOf('gates', { gates: [fail] }, { requireGates: 0 })).toMatchObject({
      value: '0 of 1 passed',
      ok: true,
    });
    expect(criterionOf('gates', { gates: [] }, { requireGates: 'all' })).toBeUndefined();
  });

  test('if it recovers wherever it is killed', () => {
    expect(failing({ faults: { points: 7, recovered: 7 } })).toEqual([]);
    expect(failing({ faults: { points: 7, recovered: 6 } })).toEqual(['faults']);
  });
});

test('whatever was measured fits into an event', () => {
  const count = fc.nat({ max: 10_000_000 });
  const measured: fc.Arbitrary<Measured> = fc.record({
    failure: fc.option(fc.string({ unit: 'grapheme', maxLength: 300 }), { nil: undefined }),
    exact: fc.record({ there: fc.boolean(), back: fc.boolean() }),
    changedPaths: count,
    recoveryMs: fc.maxSafeNat(),
    lossSec: fc.option(fc.nat(), { nil: undefined }),
    gates: fc.array(fc.constantFrom(pass, fail, error)),
    faults: fc.option(fc.record({ points: count, recovered: count }), { nil: undefined }),
  });
  const rules = fc.constantFrom(undefined, { maxLoss: '1h' }, { requireGates: 3, maxRecovery: '999999w' });
  fc.assert(
    fc.property(measured, rules, (found, given) => {
      const parsed = RehearsalEvent.shape.criteria.safeParse(judgeRehearsal(found, given));
      expect(parsed.error).toBeUndefined();
    }),
  );
});
