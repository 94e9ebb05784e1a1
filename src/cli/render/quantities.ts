const UNITS = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** `812 B`, `1.5 MiB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 'B';
  for (const next of UNITS) {
    // 1023.95 would be printed as 1024.0 of the smaller unit.
    if (value < (unit === 'B' ? 1024 : 1023.95)) break;
    value /= 1024;
    unit = next;
  }
  return unit === 'B' ? `${value} B` : `${value.toFixed(1)} ${unit}`;
}

/** `1,234,567`. Not by Intl, which takes milliseconds to set up. */
export function formatCount(count: number): string {
  return count < 1000 ? String(count) : String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `1 file`, `2 files`. */
export function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}
