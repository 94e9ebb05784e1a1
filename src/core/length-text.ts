const UNITS: readonly (readonly [unitSec: number, name: string])[] = [
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'min'],
  [1, 's'],
];

/** A length of time for people, in milliseconds: `340 ms`, `2.5 s`, `3 min 4 s`, `1 d 4 h`. Everywhere the same. */
export function lengthText(ms: number): string {
  const whole = Math.max(0, Math.round(ms));
  if (whole < 1000) return `${whole} ms`;
  // 59.95 would be printed as 60.0.
  if (whole < 59_950) return `${whole % 1000 === 0 ? whole / 1000 : (whole / 1000).toFixed(1)} s`;
  let left = Math.round(whole / 1000);
  const first = UNITS.findIndex(([unitSec]) => left >= unitSec);
  const parts: string[] = [];
  for (const [unitSec, name] of UNITS.slice(first, first + 2)) {
    const count = Math.floor(left / unitSec);
    left -= count * unitSec;
    if (count > 0) parts.push(`${count} ${name}`);
  }
  return parts.join(' ');
}

/** The same of whole seconds: an age, a limit, what is left of a term. */
export function spanText(sec: number): string {
  return sec < 1 ? '0 s' : lengthText(Math.round(sec) * 1000);
}
