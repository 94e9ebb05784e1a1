import fc from 'fast-check';
import type { Candidate } from '../../../src/core/retention/plan.ts';
import type { WrittenRules } from '../../../src/core/retention/rules.ts';
import { at } from './support.ts';

/** When properties are planned. */
export const NOW_SEC = at('2026-10-26T12:00:00Z');

/** Times near one another, so that they share periods, and over years; around a change of clocks in Europe; some ahead of now. */
const arbAtSec = fc.oneof(
  ...[900, 7200, 86_400, 20 * 86_400, 400 * 86_400, 4000 * 86_400].map((rangeSec) =>
    fc.integer({ min: -rangeSec, max: 450 }).map((agoSec) => NOW_SEC + agoSec),
  ),
  fc.integer({ min: 0, max: 12 }).map((months) => Date.UTC(2025, months, 31) / 1000),
);

const LABELS = [
  { key: 'release', value: 'yes' },
  { key: 'tier', value: 'gold' },
];

/** Snapshots of a set, each id once. */
export const arbSnapshots: fc.Arbitrary<Candidate[]> = fc.uniqueArray(
  fc.record({
    id: fc.nat({ max: 999 }).map(String),
    atSec: arbAtSec,
    labels: fc.subarray(LABELS),
    protections: fc.oneof({ weight: 4, arbitrary: fc.constant([]) }, fc.constant(['hold A', 'live production'])),
  }),
  { selector: ({ id }) => id, maxLength: 30 },
);

const arbCount = fc.oneof(fc.nat({ max: 6 }), fc.constant('unlimited' as const));
const arbDuration = fc.constantFrom('0d', '1h', '26h', '1d', '9d', '1m', '3m2d', '1y', '2y', '1y2m3d4h');

/** Rules with something in some of the fields. */
export const arbRules: fc.Arbitrary<WrittenRules> = fc.record(
  {
    keepLast: arbCount,
    keepHourly: arbCount,
    keepDaily: arbCount,
    keepWeekly: arbCount,
    keepMonthly: arbCount,
    keepYearly: arbCount,
    keepWithin: arbDuration,
    keepWithinHourly: arbDuration,
    keepWithinDaily: arbDuration,
    keepWithinWeekly: arbDuration,
    keepWithinMonthly: arbDuration,
    keepWithinYearly: arbDuration,
    keepLabels: fc.array(fc.subarray(['release=yes', 'tier=gold'], { minLength: 1 }), { maxLength: 2 }),
    timezone: fc.constantFrom('UTC', 'Europe/Vienna', 'America/St_Johns', 'Asia/Kolkata'),
  },
  { requiredKeys: [] },
);
