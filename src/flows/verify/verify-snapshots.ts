import { DIRECTORY, fileType } from '../../core/entry.ts';
import { MalformedError, MissingObjectError } from '../../core/errors.ts';
import type { Oid } from '../../core/oid.ts';
import type { BlobDigest, Ref } from '../../core/ports.ts';
import { LOG_REF, parseSnapshotRef, SNAPSHOT_REFS, snapshotRef } from '../../core/refs.ts';
import { countContent, formatManifest } from '../../core/snapshot/manifest.ts';
import type { Context } from '../context.ts';
import { findLogFault } from '../log/judge-log.ts';
import type { Log } from '../log/read-log.ts';
import { readLog } from '../log/read-log.ts';
import { governedSet } from '../policy/governed-set.ts';
import { loadPolicy } from '../policy/load-policy.ts';
import type { CheckResult, VerifyResult } from '../results.ts';
import { resolveSnapshot } from '../snapshot/choose-snapshot.ts';
import type { StoredSnapshot } from '../snapshot/read-snapshots.ts';
import { listSnapshotRefs, readSnapshots } from '../snapshot/read-snapshots.ts';
import type { TreeEntry } from '../snapshot/snapshot-entries.ts';
import { snapshotEntries } from '../snapshot/snapshot-entries.ts';
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
export async function verifySnapshots(ctx: Context, options: VerifyOptions): Promise<VerifyResult> {
  const trusted = await loadPolicy(ctx);
  const { stored, rejected } = options.all
    ? await everything(ctx, options.set === undefined ? undefined : governedSet(trusted.policy, options.set).name)
    : await selected(ctx, trusted.policy, options);
  const log = await readLog(ctx);
  if (options.all) rejected.push(...(await findDeleted(ctx, log, options.set)));
  const judge = await openJudge(ctx, trusted, log);
  const verdicts: { snapshot: StoredSnapshot; checks: CheckResult[] }[] = [];
  const progress = ctx.report.phase('Checking signatures');
  for (const [i, snapshot] of stored.entries()) {
    verdicts.push({ snapshot, checks: [...(await judge(snapshot))] });
    progress(i + 1, stored.length);
  }
  if (!options.quick) await checkContent(ctx, verdicts);
  if (verdicts.length === 0 && rejected.length === 0) {
    // Each snapshot is judged by the log; where there is none, the log speaks for itself.
    const fault = await findLogFault(ctx, trusted, log);
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

type Result = VerifyResult['results'][number];

async function selected(ctx: Context, policy: Parameters<typeof governedSet>[0], { snapshots, set }: VerifyOptions) {
  const stored: StoredSnapshot[] = [];
  for (const snapshot of snapshots) stored.push(await resolveSnapshot(ctx, policy, { set, snapshot }));
  return { stored, rejected: [] as Result[] };
}

async function everything(
  ctx: Context,
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
async function findDeleted(ctx: Context, { events }: Log, set: string | undefined): Promise<Result[]> {
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

/** Adds the checks of content: that the tree is whole, that every object is what its name says, that the manifest is the signed one. */
async function checkContent(
  ctx: Context,
  verdicts: readonly { snapshot: StoredSnapshot; checks: CheckResult[] }[],
): Promise<void> {
  const listed: { verdict: (typeof verdicts)[number]; entries: readonly TreeEntry[] }[] = [];
  const blobs = new Set<Oid>();
  for (const verdict of verdicts) {
    const { snapshot, ref } = verdict.snapshot;
    try {
      const { entries, trees } = await snapshotEntries(ctx, {
        tree: snapshot.tree,
        modes: snapshot.modes,
        what: `'${ref}'`,
      });
      for (const { mode, oid } of entries) if (fileType(mode) !== DIRECTORY) blobs.add(oid);
      verdict.checks.push({ check: 'tree', ok: true, detail: `${count(trees.size, 'tree')}, every name allowed` });
      listed.push({ verdict, entries });
    } catch (error) {
      if (!(error instanceof MalformedError) && !(error instanceof MissingObjectError)) throw error;
      verdict.checks.push({ check: 'tree', ok: false, detail: error.message });
    }
  }
  const { digests, faults } = await ctx.store.digestBlobs([...blobs], ctx.report.phase('Reading content'));
  for (const { verdict, entries } of listed)
    verdict.checks.push(...contentChecks(ctx, { stored: verdict.snapshot, entries, digests, faults }));
}

function contentChecks(
  ctx: Context,
  {
    stored: { snapshot },
    entries,
    digests,
    faults,
  }: {
    stored: StoredSnapshot;
    entries: readonly TreeEntry[];
    digests: ReadonlyMap<Oid, BlobDigest>;
    faults: ReadonlyMap<Oid, string>;
  },
): CheckResult[] {
  const bad = entries.filter(({ oid }) => faults.has(oid));
  if (bad.length > 0) {
    const some = bad.slice(0, 3).map(({ oid }) => `${oid}: ${faults.get(oid) ?? ''}`);
    return [
      {
        check: 'content',
        ok: false,
        detail: `${bad.length} of ${count(entries.length, 'entry', 'entries')} cannot be read: ${some.join('; ')}`,
      },
    ];
  }
  const empty: BlobDigest = { sha256: ctx.digest.sha256(''), size: 0 };
  const lines = entries.map((entry) => ({
    ...entry,
    ...(fileType(entry.mode) === DIRECTORY ? empty : (digests.get(entry.oid) ?? empty)),
  }));
  const { files, bytes } = countContent(lines);
  const manifest = ctx.digest.sha256(formatManifest(lines));
  const counts = `${count(files, 'file')}, ${count(bytes, 'byte')}`;
  const sameCounts = files === snapshot.files && bytes === snapshot.bytes;
  return [
    { check: 'content', ok: true, detail: `${counts} read, every object has the name it is known by` },
    manifest === snapshot.manifest && sameCounts
      ? { check: 'manifest', ok: true, detail: `sha256:${manifest}` }
      : {
          check: 'manifest',
          ok: false,
          detail: `the content gives sha256:${manifest} (${counts}), signed is sha256:${snapshot.manifest} (${count(snapshot.files, 'file')}, ${count(snapshot.bytes, 'byte')})`,
        },
  ];
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
