import * as z from 'zod';
import { hasUnsafeCharacters } from '../byte-string.ts';
import { isName } from '../refs.ts';
import { isTimeZone } from '../retention/zone.ts';
import { Duration } from './duration-schema.ts';
import { HealthCheck } from './recovery-schema.ts';
import { CalendarDuration } from './retention-schema.ts';

const Name = z.string().refine(isName, 'not a valid name');
const Zone = z.string().refine(isTimeZone, 'not a time zone').describe('IANA time zone, such as Europe/Vienna.');
const Clock = z.string().regex(/^(?:[01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$/, 'not a time such as 16:30');
const Day = z.iso.date();
const Title = z
  .string()
  .min(1)
  .max(100)
  .refine((text) => text === text.trim() && !hasUnsafeCharacters(text), 'has control characters or outer spaces');

/** Days of the week as policies write them, Monday first. */
export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

/** A time in which nothing is promoted. */
export const FreezeWindow = z.union([
  z.strictObject({
    name: Title,
    zone: Zone,
    fromDay: Day.describe('The first day.'),
    toDay: Day.describe('The last day; all of it is frozen.'),
  }),
  z.strictObject({
    name: Title,
    zone: Zone,
    days: z.array(z.enum(WEEKDAYS)).min(1).describe('Days of the week on which it begins.'),
    from: Clock.refine((time) => time !== '24:00', 'begins no day: write 00:00 of the next').describe(
      'When it begins on those days.',
    ),
    to: Clock.describe('When it ends: on the same day, or on the next where that is earlier than it begins.'),
  }),
]);

/** A window of {@link FreezeWindow}. */
export type FreezeWindow = z.infer<typeof FreezeWindow>;

/** The rules of an environment. What is left out has the default that is named. */
export function environmentOf<Roles extends z.ZodType>(roles: Roles) {
  return z.strictObject({
    from: Name.optional().describe('Only what is live in that environment may be promoted here.'),
    approvals: z
      .strictObject({
        count: z.int().min(0).describe('How many people must approve.'),
        excludeAuthor: z.boolean().optional().describe('Who took the snapshot does not count (default: true).'),
        excludePromoter: z.boolean().optional().describe('Who promoted it does not count (default: true).'),
      })
      .optional()
      .describe('Default: none.'),
    rejections: z
      .enum(['block', 'outvote'])
      .optional()
      .describe('Whether one rejection stops a promotion, or enough approvals outvote it (default: block).'),
    gates: z.array(Name).optional().describe('Gates that must pass, by name (default: none).'),
    soak: Duration.optional().describe('How long it must have been live in the environment before (default: none).'),
    freeze: z.array(FreezeWindow).optional().describe('When nothing is promoted (default: never).'),
    rollback: z
      .strictObject({
        approvals: z.int().min(0).optional().describe('How many people must approve a rollback (default: 0).'),
        depth: z
          .int()
          .min(1)
          .optional()
          .describe('How many live snapshots back it may go (default: any). As many, by default 3, are never pruned.'),
        health: HealthCheck.optional().describe('What must be content afterwards, instead of what the set says.'),
        hold: z
          .boolean()
          .optional()
          .describe('Whether nothing is promoted after a rollback until a releaser resumes it (default: no).'),
      })
      .optional()
      .describe('A rollback needs a releaser and, by default, no approval. It is not bound by soak and freeze.'),
    breakGlass: z.boolean().optional().describe('Whether a releaser may promote past every rule (default: no).'),
    keepPromoted: CalendarDuration.optional().describe(
      'How long what was promoted here is never pruned (default: 1y).',
    ),
    roles: roles.optional().describe('Who has a role here, instead of those who have it elsewhere.'),
  });
}
