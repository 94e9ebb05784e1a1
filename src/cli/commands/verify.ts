import { displayBytes, escapeText } from '../../core/byte-string.ts';
import type { VerifyResult } from '../../flows/results.ts';
import { ANSWER_IS_NO, DONE } from '../exit-code.ts';
import { handle } from '../handler.ts';
import { verifyJson } from '../json/results.ts';
import { plural } from '../render/quantities.ts';
import { VERIFY } from '../specs/checking.ts';
import type { Output } from '../terminal/output.ts';

/** `git snapshot verify`. */
export const verify = handle(VERIFY, async ({ args, out, app, verifyExport }) => {
  const snapshots = args.all || args.snapshot.length > 0 ? args.snapshot : ['current'];
  const result =
    args.bundle === undefined
      ? await (await app()).verify({ set: args.set, snapshots, all: args.all, quick: args.quick })
      : await verifyExport({ file: args.bundle, quick: args.quick });
  if (out.settings.json) out.json(verifyJson(result));
  else out.lines(resultLines(out, result));
  return result.ok ? DONE : ANSWER_IS_NO;
});

/** One line a check; of many snapshots that are good, one line each. Under `--quiet` only what is bad. */
function resultLines(out: Output, { results }: VerifyResult): string[] {
  const { quiet, verbose } = out.settings;
  const brief = results.length > 1 && !verbose;
  const lines: string[] = [];
  for (const { set, id, ok, checks } of results) {
    if (ok && quiet) continue;
    const verdict = ok ? out.tone('good', 'ok') : out.tone('bad', 'BAD');
    // Odd refs are told of by their name, whatever it is.
    lines.push(`${displayBytes(set === '' ? id : `${set}/${id}`)}: ${verdict}`);
    const width = checks.reduce((max, { check }) => Math.max(max, check.length), 0);
    for (const { check, ok: good, detail } of checks) {
      if (good && (brief || quiet)) continue;
      const mark = good ? out.tone('good', 'ok  ') : out.tone('bad', 'BAD ');
      lines.push(`  ${mark} ${escapeText(check).padEnd(width)}  ${escapeText(detail)}`.trimEnd());
    }
  }
  const bad = results.filter(({ ok }) => !ok).length;
  if (results.length > 1 && !quiet) {
    lines.push(
      `${plural(results.length, 'snapshot')} checked, ${bad === 0 ? 'all good' : out.tone('bad', `${bad} bad`)}`,
    );
  }
  return lines;
}
