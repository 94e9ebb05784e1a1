import { describe, expect, it } from 'vitest';
import { isoTime, parseIsoTime } from '../../../src/core/retention/iso-time.ts';
import { readSimulation } from '../../../src/core/retention/simulation.ts';

describe('parseIsoTime', () => {
  it.each([
    ['2026-01-05T13:00:00Z', '2026-01-05T13:00:00Z'],
    ['2026-01-05T13:00Z', '2026-01-05T13:00:00Z'],
    ['2026-01-05T13:00:00.25Z', '2026-01-05T13:00:00.250Z'],
    ['2026-01-05T13:00:00+02:00', '2026-01-05T11:00:00Z'],
    ['2026-01-05T13:00:00', '2026-01-05T13:00:00Z'],
    ['2026-01-05', '2026-01-05T00:00:00Z'],
    ['0001-01-01', '0001-01-01T00:00:00Z'],
  ])('reads %s', (text, iso) => {
    expect(isoTime(parseIsoTime(text) ?? Number.NaN)).toBe(iso);
  });

  it.each([
    '',
    '2026',
    '2026-02-30',
    '2026-13-01',
    '2026-01-05T25:00Z',
    '2026-01-05 13:00',
    '5 Jan 2026',
    '2026-01-05T13:00:00ZZ',
  ])('refuses %j', (text) => {
    expect(parseIsoTime(text)).toBeUndefined();
  });
});

describe('readSimulation', () => {
  it('reads snapshots with and without labels', () => {
    const text = '[{"id":"a","time":"2026-01-05","labels":["k=v=w"]},{"id":"b","time":"2026-01-05T00:00:01Z"}]';
    expect(readSimulation(text)).toEqual({
      ok: true,
      snapshots: [
        { id: 'a', atSec: 1_767_571_200, labels: [{ key: 'k', value: 'v=w' }], protections: [] },
        { id: 'b', atSec: 1_767_571_201, labels: [], protections: [] },
      ],
    });
    expect(readSimulation('[]')).toEqual({ ok: true, snapshots: [] });
  });

  it('names every fault, with control characters shown', () => {
    expect(
      readSimulation('[{"id":"a","time":"x","\\u001b":1},{"time":"2026-01-05"},{"id":"c","time":"2026-01-05"}]'),
    ).toEqual({
      ok: false,
      faults: [
        'snapshot 0: time: not a time such as 2026-01-05T13:00:00Z',
        "snapshot 0: no field is called '\\u{1b}'",
        'snapshot 1: id: is missing',
      ],
    });
  });
});
