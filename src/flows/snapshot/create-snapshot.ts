import { SnapshotError } from '../../core/errors.ts';
import type { Ref } from '../../core/ports.ts';
import { LOG_REF } from '../../core/refs.ts';
import { countKinds } from '../../core/snapshot/kinds.ts';
import type { Label } from '../../core/snapshot/label.ts';
import { isBackup, isLabel } from '../../core/snapshot/label.ts';
import type { Message } from '../../core/snapshot/message.ts';
import type { Context, GovernedSet } from '../context.ts';
import { passGates } from '../gates/pass-gates.ts';
import { governedSet } from '../policy/governed-set.ts';
import type { TrustedPolicy } from '../policy/load-policy.ts';
import { loadPolicy } from '../policy/load-policy.ts';
import type { CreateResult } from '../results.ts';
import { unfinishedError } from '../rollback/unfinished-error.ts';
import { openJudge } from '../verify/judge-snapshot.ts';
import { standingFault } from '../verify/standing.ts';
import { defaultMessage } from './default-message.ts';
import { listSnapshotRefs } from './list-snapshot-refs.ts';
import { changesSince, currentSnapshot, deletedByRules } from './live-changes.ts';
import { publishSnapshot } from './publish-snapshot.ts';
import type { SetContent } from './read-set.ts';
import { baselineOf, readSet } from './read-set.ts';
import type { StoredSnapshot } from './read-snapshots.ts';
import { newestSnapshot, readSnapshots, snapshotInfo } from './read-snapshots.ts';
import { refuseOutdated } from './refuse-outdated.ts';
import { tellNowLeftOut } from './tell-left-out.ts';
import { toldUnchanged } from './told-unchanged.ts';
import { unreadRules } from './unread-rules.ts';

/** What to take, and what to say of it. */
export interface CreateOptions {
  readonly set: string | undefined;
  /** Undefined: one is made up from what changed. */
  readonly message: Message | undefined;
  readonly labels: readonly Label[];
  /** Take one even if nothing changed. */
  readonly force: boolean;
  readonly dryRun: boolean;
}

/**
 * Takes a snapshot of a set's directory, unless it is already one.
 *
 * Objects go first; then the tag's ref and its event appear together. A crash before that leaves nothing
 * but objects that git removes in time; and so does a gate of the set that does not pass.
 *
 * @throws {GatesFailedError} with what they found, where gates of the set are in the way
 */
export async function createSnapshot(ctx: Context, options: CreateOptions): Promise<CreateResult> {
  const startedMs = ctx.nowMs();
  refuseOdd(options.labels);
  const trusted = await loadPolicy(ctx);
  const set = governedSet(trusted.policy, options.set);
  const unfinished = (await ctx.replacer(set)).unfinished();
  if (unfinished !== undefined) throw unfinishedError(unfinished);
  const workdir = await ctx.workdir(set);
  const logBefore = await ctx.store.readRef(LOG_REF);
  const refs = await listSnapshotRefs(ctx, set.name);
  const aliveTags = new Set(refs.map(({ oid }) => oid));

  const read = (full: boolean) =>
    toldUnchanged(NONE_TAKEN, () => readSet(ctx, workdir, { store: !options.dryRun, full, aliveTags }));
  let reading = await read(options.force || options.dryRun);
  if (reading.outcome === 'unchanged') {
    const { tag } = reading.baseline;
    const { snapshots } = await readSnapshots(
      ctx,
      refs.filter(({ oid }) => oid === tag),
    );
    const [snapshot] = snapshots;
    const isStanding = snapshot !== undefined && (await standingFault(ctx, trusted, snapshot.tag)) === undefined;
    if (isStanding && !isBackup(snapshot.snapshot.labels)) {
      await refuseOutdated(ctx, { trusted, set, since: logBefore });
      await workdir.setExpected(tag);
      return unchanged(ctx, snapshot, { options, ...reading.baseline });
    }
    // Without its tag, nothing keeps the objects of a snapshot.
    if (snapshot === undefined) aliveTags.delete(tag);
    reading = await read(true);
  }
  if (reading.outcome === 'unchanged') throw new Error('a full reading has content');
  const { content } = reading;
  try {
    if (!content.exists) {
      throw new SnapshotError('not-found', `the directory of the set '${set.name}' does not exist`, {
        hint: `Make ${set.path}/ and put something into it${refs.length === 0 ? '' : '; to get back what was there, run "git rollback"'}.`,
      });
    }
    const current = await currentSnapshot(ctx, workdir, { set: set.name, refs });
    const same = options.force ? undefined : await findSame(ctx, { trusted, refs, current, content });
    if (same !== undefined) {
      if (!options.dryRun) {
        await refuseOutdated(ctx, { trusted, set, since: logBefore });
        await workdir.setExpected(same.tag);
        await workdir.saveBaseline(baselineOf(same.tag, content), content.entries, content.trees);
      }
      await reading.abandon();
      return unchanged(ctx, same, { options, ...content, excluded: options.dryRun ? content.excluded : [] });
    }
    await warnOfUnreadRules(ctx, set);
    const changes = current === undefined ? [] : await changesSince(ctx, current, content);
    const dropped = deletedByRules(changes, content.excluded).map(({ path }) => path);
    tellNowLeftOut(ctx, dropped, 'this snapshot does not');
    const kinds = countKinds(content.entries);
    const summary = { changes, kinds, files: content.files, bytes: content.bytes };
    if (options.dryRun) {
      await reading.abandon();
      const gatesNotRun = trusted.policy.sets[set.name]?.gates ?? [];
      return {
        outcome: 'dry-run',
        snapshot: undefined,
        ...summary,
        gates: [],
        gatesNotRun,
        excluded: content.excluded,
      };
    }
    await toldUnchanged(NONE_TAKEN, reading.keep);
    const gates = await passGates(ctx, trusted, { set, content, labels: options.labels });
    const message = options.message ?? defaultMessage(changes, content, current === undefined);
    const stored = await publishSnapshot(ctx, {
      trusted,
      set,
      content,
      kinds,
      message,
      labels: options.labels,
      changes: current && changes,
      logBefore,
      startedMs,
    });
    await workdir.setExpected(stored.tag);
    await workdir.saveBaseline(baselineOf(stored.tag, content), content.entries, content.trees);
    return {
      outcome: 'created',
      snapshot: snapshotInfo(ctx, stored),
      ...summary,
      gates,
      gatesNotRun: [],
      excluded: [],
    };
  } catch (error) {
    await reading.abandon();
    throw error;
  }
}

/** Whoever wrote them takes it that what they name is left out. */
async function warnOfUnreadRules(ctx: Context, set: GovernedSet): Promise<void> {
  for (const path of await ctx.unreadIgnoreFiles(set)) ctx.note(`warning: ${unreadRules(path, set)}`);
}
const NONE_TAKEN = 'No snapshot was taken.';

function unchanged(
  ctx: Context,
  snapshot: StoredSnapshot,
  {
    options: { message, labels, dryRun },
    files,
    bytes,
    excluded = [],
  }: Pick<CreateResult, 'files' | 'bytes'> & Partial<Pick<CreateResult, 'excluded'>> & { options: CreateOptions },
): CreateResult {
  if (!dryRun && (message !== undefined || labels.length > 0)) {
    ctx.note('warning: nothing changed, so the message and labels were not recorded; use --force to take one anyway');
  }
  return {
    outcome: 'unchanged',
    snapshot: snapshotInfo(ctx, snapshot),
    changes: [],
    kinds: [],
    files,
    bytes,
    gates: [],
    gatesNotRun: [],
    excluded,
  };
}

/**
 * The snapshot that already holds this content: the one that the directory should be, or the newest. A backup that a
 * rollback made does not count, since it may be pruned before others; nor does one that cannot be trusted.
 */
async function findSame(
  ctx: Context,
  {
    trusted,
    refs,
    current,
    content,
  }: {
    trusted: TrustedPolicy;
    refs: readonly Ref[];
    current: StoredSnapshot | undefined;
    content: SetContent;
  },
): Promise<StoredSnapshot | undefined> {
  const { newest } = await newestSnapshot(ctx, refs);
  const same = [current, newest].filter(
    (stored) => stored?.snapshot.manifest === content.manifest && !isBackup(stored.snapshot.labels),
  );
  if (same.length === 0) return undefined;
  const judge = await openJudge(ctx, trusted);
  for (const stored of same) {
    if (stored !== undefined && (await judge(stored)).every(({ ok }) => ok)) return stored;
  }
  return undefined;
}

/** @throws {SnapshotError} `usage` for what is no label, and if a key has two values */
function refuseOdd(labels: readonly Label[]): void {
  const seen = new Set<string>();
  for (const label of labels) {
    const { key } = label;
    if (!isLabel(label))
      throw new SnapshotError('usage', `${JSON.stringify(label)} is not a label`, {
        hint: 'Give {key, value}, the key in lower-case letters.',
      });
    if (seen.has(key)) throw new SnapshotError('usage', `the label '${key}' is given twice`);
    seen.add(key);
  }
}
