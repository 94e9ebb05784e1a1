import { displayBytes } from '../../core/byte-string.ts';
import { FILE, fileType, permissions } from '../../core/entry.ts';
import type { Change } from '../../flows/results.ts';
import { countChanges } from '../json/snapshot.ts';
import type { Painter, Tone } from '../terminal/output.ts';
import { formatBytes, formatCount, plural } from './quantities.ts';
import { textWidth } from './text-width.ts';

/** Of files, wherever nobody asked for others. */
const USUAL_PERMISSIONS = 0o644;

const WORDS: Readonly<Record<Change['status'], { word: string; tone: Tone }>> = {
  A: { word: 'added', tone: 'added' },
  M: { word: 'modified', tone: 'changed' },
  D: { word: 'deleted', tone: 'removed' },
  T: { word: 'type changed', tone: 'changed' },
  P: { word: 'mode changed', tone: 'changed' },
};

/** As `git status` lists them, at most `max` of them: callers list all with `--verbose`. */
export function renderStatusLines(out: Painter, changes: readonly Change[], max: number): string[] {
  const lines = changes.slice(0, max).map((change) => {
    const { word, tone } = WORDS[change.status];
    return `        ${out.tone(tone, `${`${word}:`.padEnd(13)} ${displayBytes(change.path)}${modeNote(change)}`)}`;
  });
  const more = changes.length - lines.length;
  return more === 0 ? lines : [...lines, `        … and ${formatCount(more)} more (-v shows all)`];
}

/** As `git diff --name-status` lists them: a letter, a tab, the path. */
export function renderNameStatus(out: Painter, changes: readonly Change[]): string[] {
  return changes.map((change) => {
    const letter = change.status === 'P' ? 'M' : change.status;
    return `${out.tone(WORDS[change.status].tone, letter)}\t${displayBytes(change.path)}${modeNote(change)}`;
  });
}

/** As `git diff --stat` lists them, in bytes: most artifacts have no lines. */
export function renderStat(out: Painter, changes: readonly Change[]): string[] {
  if (changes.length === 0) return [];
  const paths = changes.map(({ path }) => displayBytes(path));
  const width = paths.reduce((max, path) => Math.max(max, textWidth(path)), 0);
  const lines = changes.map((change, i) => {
    const path = paths[i] ?? '';
    return ` ${path}${' '.repeat(width - textWidth(path))} | ${sizes(out, change)}`;
  });
  return [...lines, ` ${changeSummary(changes)}`];
}

/** `3 paths changed: 1 added, 2 modified`. */
export function changeSummary(changes: readonly Change[]): string {
  const counts = countChanges(changes);
  const parts = [
    [counts.added, 'added'],
    [counts.modified, 'modified'],
    [counts.deleted, 'deleted'],
    [counts.typeChanged, 'of another type'],
    [counts.modes, 'with another mode'],
  ] as const;
  const text = parts.filter(([count]) => count > 0).map(([count, what]) => `${formatCount(count)} ${what}`);
  return `${plural(changes.length, 'path')} changed${text.length === 0 ? '' : `: ${text.join(', ')}`}`;
}

function sizes(out: Painter, change: Change): string {
  const { status, from, to } = change;
  if (status === 'P') return modeNote(change).trim();
  const before = from === undefined ? undefined : formatBytes(from.size);
  const after = to === undefined ? undefined : formatBytes(to.size);
  if (before === undefined) return out.tone('added', `new, ${after}${unusualMode(change)}`);
  if (after === undefined) return out.tone('removed', `gone, ${before}`);
  return `${before === after ? `${before}, other content` : `${before} -> ${after}`}${modeNote(change)}`;
}

/** Where both sides are files: a link's permissions mean nothing. */
function modeNote({ from, to }: Change): string {
  if (from === undefined || to === undefined || fileType(from.mode) !== FILE || fileType(to.mode) !== FILE) return '';
  return from.mode === to.mode ? '' : ` (mode ${octal(from.mode)} -> ${octal(to.mode)})`;
}

function unusualMode({ to }: Change): string {
  const isUsual = to === undefined || fileType(to.mode) !== FILE || permissions(to.mode) === USUAL_PERMISSIONS;
  return isUsual ? '' : ` (mode ${octal(to.mode)})`;
}

function octal(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(3, '0');
}
