import { formatPatch, structuredPatch } from 'diff';
import { type ByteString, displayBytes, escapeText, utf8Decode } from '../../core/byte-string.ts';
import type { Change, ChangeSide } from '../../flows/results.ts';
import type { Painter, Tone } from '../terminal/output.ts';

/** A changed path with its content on both sides; undefined where there is none, or where it is too large to show. */
export interface Patchable {
  readonly change: Change;
  readonly before: ByteString | undefined;
  readonly after: ByteString | undefined;
}

/** Content that is neither text nor short enough is only said to differ. */
const BINARY_PROBE_BYTES = 8000;
/** Beyond this the best patch takes too long to find. */
const TIMEOUT_MS = 5000;

/** The change as a patch that `git apply` takes, byte for byte. Binary files are only named. */
export function patchText({ change, before, after }: Patchable): ByteString {
  const { path, from, to, status } = change;
  if (status === 'T' && from !== undefined && to !== undefined) {
    // Patches cannot change the type of a path: git, too, writes one that deletes and one that adds.
    const gone = patchText({ change: { path, from, to: undefined, status: 'D' }, before, after: undefined });
    return gone + patchText({ change: { path, from: undefined, to, status: 'A' }, before: undefined, after });
  }
  const oldName = quoteName(`a/${path}`);
  const newName = quoteName(`b/${path}`);
  const head = [`diff --git ${oldName} ${newName}`, ...modeLines(from, to)];
  if (status === 'P') return `${head.join('\n')}\n`;
  const names = { old: from === undefined ? '/dev/null' : oldName, new: to === undefined ? '/dev/null' : newName };
  const hunks = isMissing(from, before) || isMissing(to, after) ? undefined : hunkText(before ?? '', after ?? '');
  if (hunks === undefined) return `${head.join('\n')}\nBinary files ${names.old} and ${names.new} differ\n`;
  if (hunks === '') return `${head.join('\n')}\n`;
  return `${head.join('\n')}\n--- ${names.old}\n+++ ${names.new}\n${hunks}`;
}

/** A patch as a terminal may show it: coloured, and escaped. */
export function displayPatch(out: Painter, patch: ByteString): string[] {
  return patch
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      // Tabs are what text is indented with; nothing else that moves the cursor gets through.
      const text = (utf8Decode(line) ?? displayBytes(line)).split('\t').map(escapeText).join('\t');
      return out.tone(toneOf(line), text);
    });
}

function toneOf(line: ByteString): Tone {
  if (/^(diff |--- |\+\+\+ |new |old |deleted |Binary )/.test(line)) return 'strong';
  if (line.startsWith('@@')) return 'dim';
  return line.startsWith('+') ? 'added' : line.startsWith('-') ? 'removed' : 'plain';
}

function isMissing(side: ChangeSide | undefined, content: ByteString | undefined): boolean {
  return side !== undefined && (content === undefined || content.slice(0, BINARY_PROBE_BYTES).includes('\0'));
}

/** The hunks alone; undefined where they would take too long to find. */
function hunkText(before: ByteString, after: ByteString): ByteString | undefined {
  const patch = structuredPatch('a', 'b', before, after, undefined, undefined, { context: 3, timeout: TIMEOUT_MS });
  if (patch === undefined) return undefined;
  // The first two lines name the files; ours name them as git does.
  const text = formatPatch(patch);
  const at = text.indexOf('@@');
  return at < 0 ? '' : text.slice(at);
}

/** Git knows two modes of a file. Other permission bits cannot be in a patch. */
function gitMode({ mode }: ChangeSide): string {
  if ((mode & 0o170000) === 0o100000) return (mode & 0o100) === 0 ? '100644' : '100755';
  return mode.toString(8).padStart(6, '0');
}

function modeLines(from: ChangeSide | undefined, to: ChangeSide | undefined): string[] {
  if (from === undefined) return to === undefined ? [] : [`new file mode ${gitMode(to)}`];
  if (to === undefined) return [`deleted file mode ${gitMode(from)}`];
  return gitMode(from) === gitMode(to) ? [] : [`old mode ${gitMode(from)}`, `new mode ${gitMode(to)}`];
}

const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\t': '\\t', '\r': '\\r', '"': '\\"', '\\': '\\\\' };

/** A path as git quotes it in patches. */
function quoteName(path: ByteString): ByteString {
  const quoted = path.replace(
    /[^ !#-[\]-~]/g,
    (c) => ESCAPES[c] ?? `\\${c.charCodeAt(0).toString(8).padStart(3, '0')}`,
  );
  return quoted === path ? path : `"${quoted}"`;
}
