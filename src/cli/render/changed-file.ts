import type { ByteString } from '../../core/byte-string.ts';
import { displayBytes, utf8Decode } from '../../core/byte-string.ts';
import { DIRECTORY, FILE, fileType, permissions, SYMLINK } from '../../core/entry.ts';
import type { Change, ChangeSide } from '../../flows/results.ts';
import { formatBytes, formatCount } from './quantities.ts';

/** A changed file, with what was read of it: undefined where there is no such side, or it was not read. */
export interface ChangedFile {
  readonly change: Change;
  readonly before: ByteString | undefined;
  readonly after: ByteString | undefined;
  /** Whether it was not read since it may be a secret: see {@link isPrivateChange}. */
  readonly isHidden?: boolean;
}

/**
 * Whether a change is of a file that only its owner may read, before or after. What is in it may be a secret, and pages are
 * passed around.
 */
export function isPrivateChange({ status, from, to }: Change): boolean {
  const isPrivate = ({ mode }: ChangeSide) => fileType(mode) === FILE && (permissions(mode) & 0o044) === 0;
  return status !== 'P' && [from, to].some((side) => side !== undefined && isPrivate(side));
}

/** How many of them are named: the list of all changes has the others. */
const MAX_NAMED = 5;

/** What to say of the files that were not read for that; undefined where there are none. */
export function hiddenText(files: readonly ChangedFile[]): string | undefined {
  const hidden = files.filter(({ isHidden }) => isHidden === true);
  if (hidden.length === 0) return undefined;
  const named = hidden.slice(0, MAX_NAMED).map(({ change }) => `'${displayBytes(change.path)}'`);
  const names = `${named.join(', ')}${hidden.length > MAX_NAMED ? ', …' : ''}`;
  return hidden.length === 1
    ? `1 changed file is not shown (${names}), since only its owner may read it: to see it, add --private`
    : `${formatCount(hidden.length)} changed files are not shown (${names}), since only their owner may read them: to see them, add --private`;
}

/** Git looks as far for a NUL byte, which makes a file binary. */
const BINARY_PROBE_BYTES = 8000;
/** Nor is it reading matter if much of it is controls. */
const MAX_CONTROL_SHARE = 0.1;

/** Whether a change is of lines that can be shown. */
export function isTextChange({ change: { status, from, to }, before, after }: ChangedFile): boolean {
  const hasLines = [from, to].some((side) => side !== undefined && fileType(side.mode) !== DIRECTORY);
  return status !== 'P' && hasLines && isTextSide(from, before) && isTextSide(to, after);
}

function isTextSide(side: ChangeSide | undefined, content: ByteString | undefined): boolean {
  if (side === undefined) return true;
  const probe = content?.slice(0, BINARY_PROBE_BYTES);
  if (probe === undefined || probe.includes('\0')) return false;
  return countControls(probe) <= probe.length * MAX_CONTROL_SHARE;
}

/** Controls that are not white space. Bytes from 80 on are parts of characters. */
function countControls(bytes: ByteString): number {
  let count = 0;
  for (const byte of bytes) if ((byte < ' ' || byte === '\x7f') && !'\t\n\f\r'.includes(byte)) count += 1;
  return count;
}

/** A line of a file as text, which is not escaped yet; where it is not UTF-8, as paths are shown. */
export function lineText(line: ByteString): string {
  return utf8Decode(line) ?? displayBytes(line);
}

/** How a path changed, in words. */
export const STATUS_WORDS: Readonly<Record<Change['status'], string>> = {
  A: 'added',
  M: 'modified',
  D: 'deleted',
  T: 'type changed',
  P: 'mode changed',
};

/** What there is to say of a change besides its lines: `1.2 KiB to 1.4 KiB, mode 644 to 755`. */
export function changeDetail({ from, to }: Change): string {
  const parts: string[] = [];
  const kinds = [from, to].filter((side) => side !== undefined).map(kindOf);
  const sizes = [from, to].filter((side) => side !== undefined).map(({ size }) => formatBytes(size));
  if (new Set(kinds).size > 1 || kinds[0] !== 'file') parts.push([...new Set(kinds)].join(' to '));
  if (from !== undefined && to !== undefined && from.oid === to.oid) parts.push(`same content, ${sizes[0] ?? ''}`);
  else if (kinds.some((kind) => kind !== 'empty directory')) parts.push(sizes.join(' to '));
  const modes = [from, to].filter((side) => side !== undefined && kindOf(side) === 'file');
  const bits = modes.map((side) =>
    permissions(side?.mode ?? 0)
      .toString(8)
      .padStart(3, '0'),
  );
  if (bits.length === 2 && bits[0] !== bits[1]) parts.push(`mode ${bits.join(' to ')}`);
  else if (from === undefined && bits[0] !== undefined && bits[0] !== '644') parts.push(`mode ${bits[0]}`);
  return parts.join(', ');
}

function kindOf({ mode }: ChangeSide): string {
  const type = fileType(mode);
  return type === SYMLINK ? 'link' : type === DIRECTORY ? 'empty directory' : 'file';
}

/** Why there is nothing to show of a change but its sizes; empty where there is nothing in it. */
export function notShown({ change: { from, to }, before, after, isHidden }: ChangedFile): string {
  if (isHidden === true) return 'not shown: only its owner may read it';
  const isUnread = (from !== undefined && before === undefined) || (to !== undefined && after === undefined);
  if ([from, to].every((side) => side === undefined || fileType(side.mode) === DIRECTORY)) return '';
  return isUnread ? 'not shown: too large, or not to be read' : 'binary';
}
