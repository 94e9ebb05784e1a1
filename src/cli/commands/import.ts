import type { ImportResult } from '../../flows/exchange/results.ts';
import { DONE } from '../exit-code.ts';
import { handle } from '../handler.ts';
import { importJson } from '../json/exchange.ts';
import { plural } from '../render/quantities.ts';
import { IMPORT } from '../specs/exchange.ts';

/** `git snapshot import`. */
export const importCommand = handle(IMPORT, async ({ args, out, app }) => {
  const { file, dryRun } = args;
  const result = await (await app()).exchange.importSnapshot({ file, dryRun });
  if (out.settings.json) out.json(importJson(result));
  else out.lines(resultLines(result));
  if (result.missing > 0) {
    out.note(`The log tells of ${plural(result.missing, 'more ref')} that are not here; import their backups too.`);
  }
  return DONE;
});

const LOG = {
  kept: undefined,
  advanced: 'policy and audit log go on to what the file has',
  restored: 'policy and audit log',
} as const;

function resultLines({ outcome, set, id, refs, log }: ImportResult): string[] {
  const name = `${set}/${id}`;
  if (outcome === 'nothing-to-do') return [`${name}: is here, and whole`];
  const objects = refs.length === 0 ? ['its objects'] : [];
  const brought = [...refs, ...objects, ...(LOG[log] === undefined ? [] : [LOG[log]])];
  return [`${name}: ${outcome === 'planned' ? 'would bring in' : 'brought in'}`, ...brought.map((what) => `  ${what}`)];
}
