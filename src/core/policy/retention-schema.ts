import * as z from 'zod';
import { durationFault } from '../retention/duration.ts';
import { isTimeZone } from '../retention/zone.ts';
import { isLabel } from '../snapshot/label.ts';

/** Lengths of time on the calendar. Unlike the durations of environments they know months, and no minutes. */
export const CalendarDuration = z
  .string()
  .superRefine((text, issues) => {
    const fault = durationFault(text);
    if (fault !== undefined)
      issues.addIssue({ code: 'custom', message: `not a duration such as 7d or 1y6m: ${fault}` });
  })
  .meta({ pattern: '^(?:[0-9]{1,6}[ymdh])+$' })
  .describe('Years, months, days and hours: 12h, 7d, 6m, 1y6m.');

const Count = z
  .union([z.int().min(0, 'is below 0'), z.literal('unlimited')], 'not a whole number from 0 on, or unlimited')
  .describe('A number, or unlimited.');

/** One label as people write it. */
export const LabelText = z
  .string()
  .refine((text) => {
    const equals = text.indexOf('=');
    return equals > 0 && isLabel({ key: text.slice(0, equals), value: text.slice(equals + 1) });
  }, 'not a label such as release=yes')
  .meta({ pattern: '^[a-z0-9][a-z0-9._/-]*=.+$' });

const each = (period: string) => Count.optional().describe(`How many, one of each ${period} that has any.`);
const eachWithin = (period: string) => CalendarDuration.optional().describe(`One of each ${period} within so long.`);

/** Which snapshots are kept. docs/retention.md has the rules. */
export const Retention = z.strictObject({
  keepLast: Count.optional().describe('How many of the newest.'),
  keepHourly: each('hour'),
  keepDaily: each('day'),
  keepWeekly: each('week'),
  keepMonthly: each('month'),
  keepYearly: each('year'),
  keepWithin: CalendarDuration.optional().describe('All within so long.'),
  keepWithinHourly: eachWithin('hour'),
  keepWithinDaily: eachWithin('day'),
  keepWithinWeekly: eachWithin('week'),
  keepWithinMonthly: eachWithin('month'),
  keepWithinYearly: eachWithin('year'),
  keepLabels: z
    .array(z.array(LabelText).min(1))
    .optional()
    .describe('Lists of labels: what has all labels of one list is kept.'),
  timezone: z
    .string()
    .refine(isTimeZone, 'not a time zone')
    .optional()
    .describe('Where days begin: IANA time zone, such as Europe/Vienna (default: UTC).'),
  anchor: z
    .enum(['newest', 'now'])
    .optional()
    .describe('What "within" is counted back from: the newest snapshot, or the time of pruning (default: newest).'),
  maxRemove: z.int().min(1).optional().describe('How many snapshots one run may remove at most (default: 100).'),
  grace: CalendarDuration.optional().describe('How long what was removed can be brought back (default: 14d).'),
  pruneOnCreate: z.boolean().optional().describe('Whether taking a snapshot prunes, too (default: no).'),
});

/** What {@link Retention} gives. */
export type Retention = z.infer<typeof Retention>;
