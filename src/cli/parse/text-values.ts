import type { ByteString } from '../../core/byte-string.ts';
import { SnapshotError } from '../../core/errors.ts';
import { pathBytes } from './exact-arguments.ts';

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800, y: 31_536_000 };

/**
 * Reads a point in time: so long ago (`2w`, `3d`, `12h`, `30m`) or an ISO date, or date and time, which is local
 * unless it says otherwise. Returns seconds since the Unix epoch.
 *
 * @throws {SnapshotError} of kind `usage`
 */
export function parseSince(text: string, nowMs: number): number {
  const ago = /^(\d{1,6})([smhdwy])$/.exec(text);
  if (ago) return Math.floor(nowMs / 1000) - Number(ago[1]) * (UNIT_SECONDS[ago[2] ?? ''] ?? 0);
  const iso = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?$/.test(text);
  // Without a time, ISO dates are read as UTC, which is not what a person means by a day.
  const atMs = iso ? Date.parse(text.length === 10 ? `${text}T00:00` : text) : Number.NaN;
  if (Number.isNaN(atMs) || !isRealDay(text)) {
    throw new SnapshotError('usage', `'${text}' is not a time`, {
      hint: 'Write a date such as 2026-11-22, or how long ago: 2w, 3d, 12h.',
    });
  }
  return Math.floor(atMs / 1000);
}

/** Whether the month has that day: the parser of dates takes 30 February for 2 March. */
function isRealDay(text: string): boolean {
  const day = text.slice(0, 10);
  return new Date(`${day}T00:00Z`).toISOString().startsWith(day);
}

/** A path as typed, as bytes, relative to the set's directory. @throws {SnapshotError} of kind `usage` */
export function parsePath(text: string): ByteString {
  const path = text.replace(/^(\.\/+)+/, '').replace(/\/+$/, '');
  if (path === '' || path.startsWith('/') || path.split('/').some((name) => name === '..' || name === '.')) {
    throw new SnapshotError('usage', `'${text}' is not a path inside the set`, {
      hint: "Write it relative to the set's directory.",
    });
  }
  return pathBytes(path);
}
