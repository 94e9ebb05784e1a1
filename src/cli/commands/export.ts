import { escapeText } from '../../core/byte-string.ts';
import { SnapshotError } from '../../core/errors.ts';
import type { ExportFormat } from '../../core/exchange/port.ts';
import { DONE } from '../exit-code.ts';
import { handle } from '../handler.ts';
import { exportJson } from '../json/exchange.ts';
import { formatBytes } from '../render/quantities.ts';
import { EXPORT } from '../specs/exchange.ts';

/** `git snapshot export`. */
export const exportCommand = handle(EXPORT, async ({ args, out, app }) => {
  const { set, snapshot = 'current', output: file, force } = args;
  const format = args.format ?? formatOf(file);
  if (file === '-' && out.settings.json) {
    throw new SnapshotError('usage', "'--json' and '--output -' both want standard output", { hint: 'Name a file.' });
  }
  const result = await (await app()).exchange.exportSnapshot({ set, snapshot, format, file, force });
  if (out.settings.json) out.json(exportJson(result));
  else {
    const where = result.file === undefined ? 'standard output' : escapeText(result.file);
    const line = `${result.set}/${result.id} -> ${where} (${formatBytes(result.bytes)}, ${result.digest})`;
    // The export itself may be on standard output.
    if (result.file === undefined) out.note(line);
    else out.line(line);
  }
  return DONE;
});

/** What the end of the file's name says, as tar and zip do it. */
function formatOf(file: string | undefined): ExportFormat {
  const [, suffix] = /\.(bundle|tar|zip)$/i.exec(file ?? '') ?? [];
  return (suffix?.toLowerCase() as ExportFormat | undefined) ?? 'bundle';
}
