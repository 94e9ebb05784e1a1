import type { Candidate } from '../../../src/core/retention/plan.ts';
import type { WrittenRules } from '../../../src/core/retention/rules.ts';

/**
 * Who is kept and why, as simply as can be said, by dates of the runtime: no caches, no arithmetic of our own. Durations are
 * of one unit each, and windows are counted back from the newest.
 */
export function naivePlan(snapshots: readonly Candidate[], rules: WrittenRules, nowSec: number): Map<string, string[]> {
  const format = new Intl.DateTimeFormat('sv', {
    timeZone: rules.timezone ?? 'UTC',
    dateStyle: 'short',
    timeStyle: 'medium',
  });
  const sorted = snapshots.toSorted((a, b) => b.atSec - a.atSec || (a.id < b.id ? 1 : -1));
  const result = new Map<string, string[]>();
  const group = sorted.filter(({ atSec }) => atSec <= nowSec + 300);
  for (const { id, protections } of sorted.slice(0, sorted.length - group.length))
    result.set(id, ['future', ...protections]);
  const seen = new Map<string, string>();
  const used = new Map<string, number>();
  for (const snapshot of group) {
    const isOldest = snapshot === group.at(-1);
    const shown = format.format(snapshot.atSec * 1000);
    const names = {
      last: snapshot.id,
      hourly: shown.slice(0, 13),
      daily: shown.slice(0, 10),
      weekly: weekOf(shown),
      monthly: shown.slice(0, 7),
      yearly: shown.slice(0, 4),
    };
    const reasons = [...snapshot.protections];
    for (const list of rules.keepLabels ?? [])
      if (list.every((text) => snapshot.labels.some(({ key, value }) => `${key}=${value}` === text)))
        reasons.push(`label ${list}`);
    const isWithin = (duration: string | undefined) =>
      duration !== undefined && snapshot.atSec > beforeNewest(format, group[0]?.atSec ?? 0, duration);
    if (isWithin(rules.keepWithin)) reasons.push(`within ${rules.keepWithin}`);
    for (const [name, period] of Object.entries(names)) {
      const count = rules[`keep${name.replace(/^./, (letter) => letter.toUpperCase())}` as 'keepLast'] ?? 0;
      const isNew = seen.get(name) !== period;
      if ((count === 'unlimited' || (used.get(name) ?? 0) < count) && (isNew || isOldest)) {
        seen.set(name, period);
        used.set(name, (used.get(name) ?? 0) + 1);
        reasons.push(isNew ? name : `oldest ${name}`);
      }
    }
    for (const [name, period] of Object.entries(names).slice(1)) {
      const duration = rules[`keepWithin${name.replace(/^./, (letter) => letter.toUpperCase())}` as 'keepWithinDaily'];
      const isNew = seen.get(`within ${name}`) !== period;
      if (isWithin(duration) && (isNew || isOldest)) {
        seen.set(`within ${name}`, period);
        reasons.push(`${isNew ? '' : 'oldest '}${name} within ${duration}`);
      }
    }
    if (reasons.length > 0) result.set(snapshot.id, reasons);
  }
  return result;
}

/** Steps through seconds of the past hour by hour until the clock shows what it should. */
function beforeNewest(format: Intl.DateTimeFormat, newestSec: number, duration: string): number {
  const number = Number.parseInt(duration, 10);
  if (duration.endsWith('h')) return newestSec - number * 3600;
  const wanted = new Date(`${format.format(newestSec * 1000).replace(' ', 'T')}Z`);
  if (duration.endsWith('y')) wanted.setUTCFullYear(wanted.getUTCFullYear() - number);
  if (duration.endsWith('m')) wanted.setUTCMonth(wanted.getUTCMonth() - number);
  if (duration.endsWith('d')) wanted.setUTCDate(wanted.getUTCDate() - number);
  const wantedText = wanted.toISOString().slice(0, 19).replace('T', ' ');
  const firstSec = wanted.getTime() / 1000 - 15 * 3600;
  for (let atSec = firstSec; atSec < firstSec + 30 * 3600; atSec += 900)
    if (format.format(atSec * 1000) === wantedText) return atSec;
  // Clocks jumped over it: by the clock of the day before, it is as much later as they jumped.
  const dayBeforeSec = wanted.getTime() / 1000 - 86_400;
  const shownThen = Date.parse(`${format.format(dayBeforeSec * 1000).replace(' ', 'T')}Z`) / 1000;
  return wanted.getTime() / 1000 - (shownThen - dayBeforeSec);
}

/** The number of the Monday that begins the week. */
function weekOf(shown: string): string {
  const day = new Date(`${shown.slice(0, 10)}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() - ((day.getUTCDay() + 6) % 7));
  return day.toISOString();
}
