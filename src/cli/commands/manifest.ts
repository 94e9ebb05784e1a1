import type { ByteString } from '../../core/byte-string.ts';
import { displayBytes } from '../../core/byte-string.ts';
import { type Entry, FILE, fileType } from '../../core/entry.ts';
import { DONE } from '../exit-codes.ts';
import { handle } from '../handler.ts';
import { manifestJson } from '../json/results.ts';
import { MANIFEST } from '../specs/reading.ts';

/** `git snapshot manifest`. */
export const manifest = handle(MANIFEST, async ({ args, out, app }) => {
  const { info, entries } = await (await app()).manifest({ set: args.set, snapshot: args.snapshot ?? 'latest' });
  if (out.settings.json) out.json(manifestJson(info, entries));
  else if (args.format === 'sha256sum') out.bytes(Buffer.from(sha256sumText(entries), 'latin1'));
  else out.lines(textLines(entries));
  return DONE;
});

function textLines(entries: readonly Entry[]): string[] {
  const width = entries.reduce((max, { size }) => Math.max(max, String(size).length), 0);
  return entries.map(
    ({ mode, sha256, size, path }) =>
      `${mode.toString(8).padStart(6, '0')} ${sha256} ${String(size).padStart(width)} ${displayBytes(path)}`,
  );
}

/** What `sha256sum -c` reads: regular files alone, since it follows links. Paths are bytes, with its own escapes. */
function sha256sumText(entries: readonly Entry[]): ByteString {
  const files = entries.filter(({ mode }) => fileType(mode) === FILE);
  return files
    .map(({ sha256, path }) => {
      const escaped = path.replace(/[\\\n\r]/g, (c) => ({ '\\': '\\\\', '\n': '\\n', '\r': '\\r' })[c] ?? c);
      return `${escaped === path ? '' : '\\'}${sha256}  ${escaped}\n`;
    })
    .join('');
}
