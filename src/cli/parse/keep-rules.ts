import { SnapshotError } from '../../core/errors.ts';
import { durationFault } from '../../core/retention/duration.ts';
import type { Count, WrittenRules } from '../../core/retention/rules.ts';
import { isTimeZone } from '../../core/retention/zone.ts';
import { parseLabel } from '../../core/snapshot/label.ts';
import { type ArgsOf, optionText } from '../spec.ts';
import type { KEEP_OPTIONS } from '../specs/retention.ts';

type KeepArgs = ArgsOf<{ options: typeof KEEP_OPTIONS; positionals: [] }>;

/** The rules that options on the command line give; undefined: none was typed. @throws {SnapshotError} of kind `usage` */
export function rulesOfOptions(args: KeepArgs): WrittenRules | undefined {
  const rules = {
    keepLast: countOf('keep-last', args.keepLast),
    keepHourly: countOf('keep-hourly', args.keepHourly),
    keepDaily: countOf('keep-daily', args.keepDaily),
    keepWeekly: countOf('keep-weekly', args.keepWeekly),
    keepMonthly: countOf('keep-monthly', args.keepMonthly),
    keepYearly: countOf('keep-yearly', args.keepYearly),
    keepWithin: durationOf('keep-within', args.keepWithin),
    keepWithinHourly: durationOf('keep-within-hourly', args.keepWithinHourly),
    keepWithinDaily: durationOf('keep-within-daily', args.keepWithinDaily),
    keepWithinWeekly: durationOf('keep-within-weekly', args.keepWithinWeekly),
    keepWithinMonthly: durationOf('keep-within-monthly', args.keepWithinMonthly),
    keepWithinYearly: durationOf('keep-within-yearly', args.keepWithinYearly),
    keepLabels: args.keepLabel.length === 0 ? undefined : args.keepLabel.map(labelsOf),
    timezone: zoneOf(args.timezone),
    anchor: args.anchor,
  };
  return Object.values(rules).every((value) => value === undefined) ? undefined : rules;
}

function countOf(name: string, text: string | undefined): Count | undefined {
  if (text === undefined || text === 'unlimited') return text;
  if (/^[0-9]{1,9}$/.test(text)) return Number(text);
  throw new SnapshotError(
    'usage',
    `option '${optionText({ name })}' takes a whole number or 'unlimited', not '${text}'`,
    { hint: 'Write how many are to be kept, such as 7.' },
  );
}

function durationOf(name: string, text: string | undefined): string | undefined {
  const fault = text === undefined ? undefined : durationFault(text);
  if (fault === undefined) return text;
  throw new SnapshotError('usage', `option '${optionText({ name })}' takes a duration, not '${text}': ${fault}`, {
    hint: 'Write years, months, days and hours, such as 7d, 6m or 1y2m3d4h.',
  });
}

/** All of them are to be there. */
function labelsOf(text: string): string[] {
  const labels = text.split(',');
  for (const label of labels) parseLabel(label);
  return labels;
}

function zoneOf(text: string | undefined): string | undefined {
  if (text === undefined || isTimeZone(text)) return text;
  throw new SnapshotError('usage', `'${text}' is not a time zone`, {
    hint: 'Write an IANA name such as Europe/Vienna.',
  });
}
