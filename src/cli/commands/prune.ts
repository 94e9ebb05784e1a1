import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { displayBytes, utf8Encode } from '../../core/byte-string.ts';
import { SnapshotError } from '../../core/errors.ts';
import type { RetentionPlan } from '../../core/retention/plan.ts';
import { parseSelector } from '../../core/snapshot/selector.ts';
import { systemReason } from '../../core/system-reason.ts';
import type { PrunePlan } from '../../flows/retention/plan-prune.ts';
import type { App } from '../app/app.ts';
import { ask } from '../ask/confirm-changes.ts';
import { DONE } from '../exit-code.ts';
import { type CommandRun, handle } from '../handler.ts';
import { type PlanDetails, planJson } from '../json/retention.ts';
import { rulesOfOptions } from '../parse/keep-rules.ts';
import { renderDetails, renderExplanation, renderGoing, renderPlan, renderPruned } from '../render/retention.ts';
import type { ArgsOf } from '../spec.ts';
import { PRUNE } from '../specs/retention.ts';

type PruneRun = CommandRun<ArgsOf<typeof PRUNE>>;

/** `git snapshot prune`. */
export const prune = handle(PRUNE, async (run) => {
  const { args, app } = run;
  if (args.simulate !== undefined) return show(run, await simulate(run, args.simulate));
  if (args.now !== undefined)
    throw new SnapshotError('usage', "'--now' is for '--simulate' alone", { hint: 'Leave it out.' });
  if (args.apply) return apply(run);
  if (args.plan !== undefined)
    throw new SnapshotError('usage', "'--plan' is for '--apply' alone", { hint: 'Leave it out.' });
  const { retention, show: look } = await app();
  const explain = args.explain === undefined ? undefined : await idOf(args.explain, { set: args.set, look });
  const planned = await retention.plan({ set: args.set, rules: rulesOfOptions(args) });
  const freedBytes = explain === undefined ? await retention.freedBytes(planned) : undefined;
  const { maxRemove = planned.maxRemove } = args;
  if (planned.remove.length > maxRemove)
    run.out.note(`note: that is more than ${maxRemove}: --apply wants --max-remove ${planned.remove.length} for it`);
  const drop = planned.drop.map(({ fate }) => fate.snapshot.id);
  return show({ ...run, args: { ...args, explain } }, planned, { drop, freedBytes });
});

/** The id of the snapshot that is meant, by any name. Of an id, and the beginning of one, the plan itself knows more than its refs. */
async function idOf(
  text: string,
  { set, look }: { readonly set: string | undefined; readonly look: App['show'] },
): Promise<string> {
  const selector = parseSelector(text);
  return selector.by === 'id' && selector.set === undefined
    ? selector.prefix
    : (await look({ set, snapshot: text })).id;
}

async function apply(run: PruneRun): Promise<number> {
  const { args, out } = run;
  const { set, plan, maxRemove } = args;
  const { retention } = await run.app();
  const confirm = async (planned: PrunePlan) =>
    ask(run, { lines: renderGoing(planned, { would: true }), question: 'Remove them?' });
  // Whoever names the plan has seen it.
  const asked = { set, plan, maxRemove, confirm: args.yes || plan !== undefined ? undefined : confirm };
  const { plan: done, outcome } = await retention.apply(asked);
  const drop = done.drop.map(({ fate }) => fate.snapshot.id);
  if (out.settings.json) out.json({ ...planJson(done, undefined, { drop }), outcome });
  else out.lines(renderPruned(done, outcome));
  return DONE;
}

async function simulate({ args, directory, io }: PruneRun, file: string) {
  const rules = rulesOfOptions(args) ?? {};
  const now = args.now === undefined ? Math.floor(io.now() / 1000) : await parseNow(args.now);
  const { simulatePrune } = await import('../wire/retention.ts');
  return simulatePrune({
    name: displayBytes(utf8Encode(file)),
    text: file === '-' ? await readAll(io.stdin) : await readText(resolve(directory, file)),
    rules,
    nowSec: now,
    maxRemove: args.maxRemove,
  });
}

async function show(
  { args, out }: PruneRun,
  planned: RetentionPlan & { readonly digest: string },
  more: PlanDetails = {},
): Promise<number> {
  const { explainSnapshot } = await import('../../core/retention/explain.ts');
  const explained = args.explain === undefined ? undefined : explainSnapshot(planned, args.explain);
  if (out.settings.json) out.json(planJson(planned, explained, more));
  else if (explained !== undefined) out.lines(renderExplanation(out, explained));
  else {
    out.lines(renderPlan(out, planned, { isSimulated: args.simulate !== undefined }));
    out.lines(renderDetails(more));
    out.line(`plan ${planned.digest}`);
  }
  return DONE;
}

async function parseNow(text: string): Promise<number> {
  const { parseIsoTime } = await import('../../core/retention/iso-time.ts');
  const nowSec = parseIsoTime(text);
  if (nowSec !== undefined) return nowSec;
  throw new SnapshotError('usage', `'${text}' is not a time`, { hint: 'Write it like 2026-11-22T12:00:00Z.' });
}

async function readAll(stdin: PruneRun['io']['stdin']): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stdin) chunks.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
  return Buffer.concat(chunks).toString();
}

/** @throws {SnapshotError} of kind `not-found` or `usage` */
async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') throw error;
    throw new SnapshotError(
      error.code === 'ENOENT' ? 'not-found' : 'usage',
      `cannot read '${displayBytes(utf8Encode(path))}': ${systemReason(error.code)}`,
      { cause: error, hint: 'Name a file with snapshots.' },
    );
  }
}
