import { encodeMetrics } from '../../core/metrics/encode.ts';
import { DONE } from '../exit-code.ts';
import { handle } from '../handler.ts';
import { metricsJson } from '../json/metrics.ts';
import { METRICS } from '../specs/watching.ts';
import { openPages, writePage } from '../tell/write-page.ts';
import { VERSION } from '../version.ts';

/** Who collects metrics is not who writes them, whatever this user's umask says. */
const READABLE_BY_ALL = 0o644;

/** `git snapshot metrics`. */
export const metrics = handle(METRICS, async ({ args, directory, out, app }) => {
  const [file] = await openPages([args.out], { directory, out });
  const families = await (await app()).watch.metrics({ version: VERSION, drift: args.drift });
  const text = encodeMetrics(families, args.format ?? 'openmetrics');
  if (file !== undefined) await writePage(out, file, { text, mode: READABLE_BY_ALL });
  if (out.settings.json) out.json(metricsJson(families));
  else if (file === undefined) out.bytes(Buffer.from(text));
  return DONE;
});
