import { type ByteString, displayBytes, escapeText, utf8Decode } from '../../core/byte-string.ts';
import { formatManifest, formatSha256sum } from '../../core/snapshot/manifest.ts';
import { DONE } from '../exit-code.ts';
import { handle } from '../handler.ts';
import { manifestJson } from '../json/results.ts';
import { MANIFEST } from '../specs/reading.ts';
import type { Output } from '../terminal/output.ts';

/** `git snapshot manifest`. */
export const manifest = handle(MANIFEST, async ({ args, out, app }) => {
  const { info, entries } = await (await app()).manifest({ set: args.set, snapshot: args.snapshot ?? 'current' });
  if (out.settings.json) out.json(manifestJson(info, entries));
  else printBytes(out, args.format === 'sha256sum' ? formatSha256sum(entries) : formatManifest(entries));
  return DONE;
});

/** Exactly, for a file or a program: it is hashed there. A terminal is shown nothing that could mislead. */
function printBytes(out: Output, text: ByteString): void {
  if (out.widthCells === undefined) out.bytes(Buffer.from(text, 'latin1'));
  else out.lines(text.split('\n').slice(0, -1).map(displayLine));
}

function displayLine(line: ByteString): string {
  const text = utf8Decode(line);
  return text === undefined ? displayBytes(line) : escapeText(text);
}
