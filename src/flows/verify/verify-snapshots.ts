import type { Ref } from '../../core/ports.ts';
import { LOG_REF, parseSnapshotRef, SNAPSHOT_REFS, snapshotRef } from '../../core/refs.ts';
import type { Verifying } from '../context.ts';
import type { Log } from '../log/open-log.ts';
import { logFault, openLog } from '../log/open-log.ts';
import { governedSet } from '../policy/governed-set.ts';
import { loadPolicy } from '../policy/load-policy.ts';
import type { CheckResult, VerifyResult } from '../results.ts';
import { resolveSnapshot } from '../snapshot/choose-snapshot.ts';
import type { StoredSnapshot } from '../snapshot/read-snapshots.ts';
import { listSnapshotRefs, readSnapshots } from '../snapshot/read-snapshots.ts';
import { checkContent, readContent } from './check-content.ts';
import { openJudge } from './judge-snapshot.ts';

/** What to verify. */
export interface VerifyOptions {
  readonly set: string | undefined;
  /** Selectors. Empty with `all`. */
  readonly snapshots: readonly string[];
  /** Everything below refs/snapshots/ (of the set, where one is named), names that are not ours included. */
  readonly all: boolean;
  /** Only what the tags and the log say; no content is read. */
  readonly quick: boolean;
}

/**
 * Verifies snapshots: who signed what, that the log agrees, and, unless `quick`, every byte of their content.
 *
 * Content that snapshots share is read once.
 */
export async function verifySnapshots(ctx: Verifying, options: VerifyOptions): Promise<VerifyResult> {
  const trusted = await loadPolicy(ctx);
  const { stored, rejected } = options.all
    ? await everything(ctx, options.set === undefined ? undefined : governedSet(trusted.policy, options.set).name)
    : await selected(ctx, trusted.policy, options);
  // Threads read and hash while this one checks signatures.
  const reading = options.quick ? undefined : readContent(ctx, stored);
  // Awaited below; without a listener now, a failure before that would end the process.
  reading?.catch(() => {});
  const log = await openLog(ctx, trusted);
  if (options.all) rejected.push(...(await findDeleted(ctx, log, options.set)));
  const judge = await openJudge(ctx, trusted);
  const verdicts: { snapshot: StoredSnapshot; checks: CheckResult[] }[] = [];
  const progress = ctx.report.phase('Checking signatures');
  // Many at a time: signatures are checked on several threads.
  for (let i = 0; i < stored.length; i += JUDGED_AT_ONCE) {
    const some = stored.slice(i, i + JUDGED_AT_ONCE);
    const checks = await Promise.all(some.map(judge));
    for (const [j, snapshot] of some.entries()) verdicts.push({ snapshot, checks: [...(checks[j] ?? [])] });
    progress(i + some.length, stored.length);
  }
  if (reading !== undefined) checkContent(ctx, verdicts, await reading);
  if (verdicts.length === 0 && rejected.length === 0) {
    // Each snapshot is judged by the log; where there is none, the log speaks for itself.
    const fault = logFault(log);
    if (fault === undefined) ctx.note('there are no snapshots to check');
    else rejected.push(rejection(LOG_REF, 'log', fault));
  }
  const results = [
    ...rejected,
    ...verdicts.map(({ snapshot: { snapshot }, checks }) => ({
      set: snapshot.set,
      id: snapshot.id,
      ok: checks.every(({ ok }) => ok),
      checks,
    })),
  ];
  return { ok: results.every(({ ok }) => ok), results };
}

const JUDGED_AT_ONCE = 128;

type Result = VerifyResult['results'][number];

async function selected(ctx: Verifying, policy: Parameters<typeof governedSet>[0], { snapshots, set }: VerifyOptions) {
  const stored: StoredSnapshot[] = [];
  for (const snapshot of snapshots) stored.push(await resolveSnapshot(ctx, policy, { set, snapshot }));
  return { stored, rejected: [] as Result[] };
}

async function everything(
  ctx: Verifying,
  set: string | undefined,
): Promise<{ stored: StoredSnapshot[]; rejected: Result[] }> {
  const refs = await ctx.store.listRefs(set === undefined ? SNAPSHOT_REFS : `${SNAPSHOT_REFS}${set}/`);
  const isOurs = ({ name }: Ref) => parseSnapshotRef(name) !== undefined;
  const { snapshots, malformed } = await readSnapshots(ctx, refs.filter(isOurs));
  const rejected = [
    ...refs.filter((ref) => !isOurs(ref)).map(({ name }) => rejection(name, 'ref', 'is not the name of a snapshot')),
    ...malformed.map(({ ref, reason }) => rejection(ref, 'format', reason)),
  ];
  return { stored: snapshots, rejected };
}

/** Snapshots that the log tells of and that have no ref any more: nothing here takes a snapshot away. */
async function findDeleted(ctx: Verifying, { events }: Log, set: string | undefined): Promise<Result[]> {
  // Read after the log: a ref comes together with its event.
  const there = new Set((await listSnapshotRefs(ctx, set)).map(({ name }) => name));
  return events.flatMap(({ event }) => {
    if (event.type !== 'snapshot' || (set !== undefined && event.set !== set)) return [];
    const ref = snapshotRef(event.set, event.snapshot.id);
    return there.has(ref) ? [] : [rejection(ref, 'ref', `event ${event.seq} tells of it, and its ref is gone`)];
  });
}

function rejection(ref: string, check: string, detail: string): Result {
  const { set, id } = parseSnapshotRef(ref) ?? { set: '', id: ref };
  return { set, id, ok: false, checks: [{ check, ok: false, detail }] };
}
