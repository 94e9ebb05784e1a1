import { ExpectedRefs } from '../../core/audit/expected-refs.ts';
import { SnapshotError } from '../../core/errors.ts';
import type { Ref } from '../../core/ports.ts';
import { LOG_REF, parseSnapshotRef, SNAPSHOT_REFS } from '../../core/refs.ts';
import type { Verifying } from '../context.ts';
import type { Log } from '../log/open-log.ts';
import { logFault, openLog } from '../log/open-log.ts';
import { governedSet } from '../policy/governed-set.ts';
import type { TrustedPolicy } from '../policy/load-policy.ts';
import { loadPolicy } from '../policy/load-policy.ts';
import type { CheckResult, VerifyResult } from '../results.ts';
import { resolveSnapshot } from '../snapshot/choose-snapshot.ts';
import { listSnapshotRefs } from '../snapshot/list-snapshot-refs.ts';
import type { StoredSnapshot } from '../snapshot/read-snapshots.ts';
import { readSnapshots } from '../snapshot/read-snapshots.ts';
import { checkContent, readContent } from './check-content.ts';
import type { CheckedSignature, JudgeSnapshot } from './judge-snapshot.ts';
import { openJudge, openSignatureCheck } from './judge-snapshot.ts';

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
  if (!options.all && options.snapshots.length === 0) {
    throw new SnapshotError('usage', 'nothing is named that is to be verified', {
      hint: 'Name snapshots, or say all.',
    });
  }
  const trusted = await loadPolicy(ctx);
  const { batches, total, rejected } = options.all
    ? await everything(ctx, options.set === undefined ? undefined : governedSet(trusted.policy, options.set).name)
    : await selected(ctx, trusted.policy, options);
  const stored = options.quick ? undefined : await collect(batches);
  // Threads read and hash while this one checks signatures.
  const reading = stored && readContent(ctx, stored);
  // Awaited below; without a listener now, a failure before that would end the process.
  reading?.catch(() => {});
  const verdicts = await judgeAll(ctx, trusted, { batches: stored === undefined ? batches : inBatches(stored), total });
  const log = await openLog(ctx, trusted);
  if (options.all) rejected.push(...(await findDeleted(ctx, log, options.set)));
  if (stored !== undefined && reading !== undefined) {
    const content = await reading;
    const withChecks = stored.map((snapshot, i) => ({ snapshot, checks: verdicts[i]?.checks ?? [] }));
    checkContent(ctx, withChecks, content);
  }
  if (verdicts.length === 0 && rejected.length === 0) {
    // Each snapshot is judged by the log; where there is none, the log speaks for itself.
    const fault = logFault(log);
    if (fault === undefined) ctx.note('there are no snapshots to check');
    else rejected.push(rejection(LOG_REF, 'log', fault));
  }
  const results = [
    ...rejected,
    ...verdicts.map(({ set, id, checks }) => ({ set, id, ok: checks.every(({ ok }) => ok), checks })),
  ];
  return { ok: results.every(({ ok }) => ok), results };
}

/** Judges all that are read. Signatures are checked on other threads from the beginning on, while the log is still read. */
async function judgeAll(
  ctx: Verifying,
  trusted: TrustedPolicy,
  {
    batches,
    total,
  }: { batches: AsyncIterable<readonly StoredSnapshot[]> | readonly StoredSnapshot[][]; total: number },
): Promise<Verdict[]> {
  let judge: JudgeSnapshot | undefined;
  const opening = openJudge(ctx, trusted).then((opened) => {
    judge = opened;
    return opened;
  });
  // Awaited below, as above.
  opening.catch(() => {});
  const check = await openSignatureCheck(ctx, trusted);
  const verdicts: Verdict[] = [];
  /** Those whose signatures were checked before the log was there. */
  const early: { verdict: Verdict; snapshot: StoredSnapshot; checked: CheckedSignature }[] = [];
  const progress = ctx.report.phase('Checking signatures');
  const settle = async (batch: readonly Checking[]) => {
    for (const { snapshot, checking } of batch) {
      const checked = await checking;
      const { set, id } = snapshot.snapshot;
      const verdict: Verdict = { set, id, checks: [] };
      verdicts.push(verdict);
      if (judge === undefined) early.push({ verdict, snapshot, checked });
      else verdict.checks.push(...(await judge(snapshot, checked)));
    }
    progress(verdicts.length, total);
  };
  let before: readonly Checking[] = [];
  for await (const some of batches) {
    // All at once, and before those of the batch before are awaited: no thread is ever without work.
    const batch = some.map((snapshot) => ({ snapshot, checking: check(snapshot) }));
    for (const { checking } of batch) checking.catch(() => {});
    await settle(before);
    before = batch;
  }
  await settle(before);
  const opened = await opening;
  for (const { verdict, snapshot, checked } of early) verdict.checks.push(...(await opened(snapshot, checked)));
  return verdicts;
}

/** A snapshot whose signature is being checked. */
interface Checking {
  readonly snapshot: StoredSnapshot;
  readonly checking: Promise<CheckedSignature>;
}

/** Tags, of which there can be many thousands, are read a batch at a time: memory costs least that is soon let go of. */
const READ_AT_ONCE = 256;

type Result = VerifyResult['results'][number];
type Verdict = Omit<Result, 'ok' | 'checks'> & { readonly checks: CheckResult[] };

/** What is to be verified: batches of it, how many there are, and where what cannot be read is put. */
interface Chosen {
  readonly batches: AsyncIterable<readonly StoredSnapshot[]>;
  readonly total: number;
  readonly rejected: Result[];
}

async function selected(
  ctx: Verifying,
  policy: Parameters<typeof governedSet>[0],
  { snapshots, set }: VerifyOptions,
): Promise<Chosen> {
  const stored: StoredSnapshot[] = [];
  for (const snapshot of snapshots) stored.push(await resolveSnapshot(ctx, policy, { set, snapshot }));
  const batches = (async function* () {
    yield stored;
  })();
  return { batches, total: stored.length, rejected: [] };
}

async function everything(ctx: Verifying, set: string | undefined): Promise<Chosen> {
  const refs = await ctx.store.listRefs(set === undefined ? SNAPSHOT_REFS : `${SNAPSHOT_REFS}${set}/`);
  const isOurs = ({ name }: Ref) => parseSnapshotRef(name) !== undefined;
  const ours = refs.filter(isOurs);
  const rejected = refs
    .filter((ref) => !isOurs(ref))
    .map(({ name }) => rejection(name, 'ref', 'is not the name of a snapshot'));
  return { batches: readInBatches(ctx, ours, rejected), total: ours.length, rejected };
}

/** Reads a batch ahead of the one that is being judged. */
async function* readInBatches(
  ctx: Verifying,
  refs: readonly Ref[],
  rejected: Result[],
): AsyncGenerator<readonly StoredSnapshot[]> {
  const read = (from: number) => {
    const reading = readSnapshots(ctx, refs.slice(from, from + READ_AT_ONCE));
    // Awaited in its turn; without a listener until then, a failure would end the process.
    reading.catch(() => {});
    return reading;
  };
  let next = read(0);
  for (let from = 0; from < refs.length; from += READ_AT_ONCE) {
    const { snapshots, malformed } = await next;
    next = read(from + READ_AT_ONCE);
    rejected.push(...malformed.map(({ ref, reason }) => rejection(ref, 'format', reason)));
    yield snapshots;
  }
}

function inBatches<Item>(items: readonly Item[]): Item[][] {
  const count = Math.ceil(items.length / READ_AT_ONCE);
  return Array.from({ length: count }, (_, i) => items.slice(i * READ_AT_ONCE, (i + 1) * READ_AT_ONCE));
}

async function collect<Item>(batches: AsyncIterable<readonly Item[]>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const some of batches) all.push(...some);
  return all;
}

/** Snapshots that have no ref any more, though no event took it away. */
async function findDeleted(ctx: Verifying, { events }: Log, set: string | undefined): Promise<Result[]> {
  // Read after the log: a ref comes together with its event.
  const there = new Set((await listSnapshotRefs(ctx, set)).map(({ name }) => name));
  const prefix = set === undefined ? SNAPSHOT_REFS : `${SNAPSHOT_REFS}${set}/`;
  return [...new ExpectedRefs(events).refs].flatMap(([ref, { logged }]) =>
    ref.startsWith(prefix) && !there.has(ref)
      ? [rejection(ref, 'ref', `event ${logged.event.seq} tells of it, and its ref is gone`)]
      : [],
  );
}

function rejection(ref: string, check: string, detail: string): Result {
  const { set, id } = parseSnapshotRef(ref) ?? { set: '', id: ref };
  return { set, id, ok: false, checks: [{ check, ok: false, detail }] };
}
