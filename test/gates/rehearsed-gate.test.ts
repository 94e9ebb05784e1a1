import { expect, test } from 'vitest';
import { runGate, subjectOf, told } from './subject.ts';

const DAY = 86_400;
const rehearsed = (seq: number, ageDays: number, isOfThis = false) => ({ seq, ageSec: ageDays * DAY, isOfThis });
const run = (gate: object, rehearsals: ReturnType<typeof rehearsed>[], maxRehearsalAge = '30d') =>
  runGate({ type: 'rehearsed', ...gate }, subjectOf({}, { rehearsals, maxRehearsalAge }));

test('a rehearsal of any snapshot of the set will do, unless it must be this one', async () => {
  expect(await run({}, [rehearsed(7, 1)])).toMatchObject({
    verdict: 'pass',
    detail: expect.stringContaining('event 7'),
  });
  const other = await run({ of: 'snapshot' }, [rehearsed(7, 1)]);
  expect(other).toMatchObject({ verdict: 'fail', detail: 'the log has no rehearsal of this snapshot that passed' });
  expect((await run({ of: 'snapshot' }, [rehearsed(7, 1), rehearsed(5, 2, true)])).detail).toContain('event 5');
  expect((await run({}, [])).verdict).toBe('fail');
});

test('the last one must not be too old, by the gate or else by the policy', async () => {
  expect((await run({}, [rehearsed(7, 30)])).verdict).toBe('pass');
  expect(told(await run({}, [rehearsed(7, 31)]))).toEqual([
    'the last rehearsal of the set that passed is 31 d old, and may be 30 d',
  ]);
  expect((await run({}, [rehearsed(7, 3)], '2d')).verdict).toBe('fail');
  expect((await run({ maxAge: '1w' }, [rehearsed(7, 3)], '2d')).verdict).toBe('pass');
  expect((await run({ maxAge: '1h' }, [rehearsed(7, 0.5)], '2d')).detail).toContain('12 h old');
});

test('its evidence tells which one it was', async () => {
  const evidence = async (seq: number) => (await run({}, [rehearsed(seq, 1)])).evidence;
  expect(await evidence(7)).toBe(await evidence(7));
  expect(await evidence(7)).not.toBe(await evidence(8));
});
