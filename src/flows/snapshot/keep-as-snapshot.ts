import type { Oid } from '../../core/oid.ts';
import type { Ref } from '../../core/ports.ts';
import { countKinds } from '../../core/snapshot/kinds.ts';
import type { Label } from '../../core/snapshot/label.ts';
import type { Message } from '../../core/snapshot/message.ts';
import type { Context, GovernedSet } from '../context.ts';
import type { TrustedPolicy } from '../policy/load-policy.ts';
import { openJudge } from '../verify/judge-snapshot.ts';
import { publishSnapshot } from './publish-snapshot.ts';
import type { SetContent } from './read-set.ts';
import type { StoredSnapshot } from './read-snapshots.ts';
import { readSnapshots } from './read-snapshots.ts';

/** Content that a snapshot is to hold, whichever. */
export interface ContentToKeep {
  readonly trusted: TrustedPolicy;
  readonly set: GovernedSet;
  /** What the directory holds. Its objects are stored, if it is no snapshot yet. */
  readonly live: SetContent;
  /** Of the snapshots of the set. */
  readonly refs: readonly Ref[];
  /** What is said of it, and how it is labelled, if one has to be taken. */
  readonly message: Message;
  readonly label: Label;
  /** See {@link SnapshotToPublish.logBefore}. */
  readonly logBefore: Oid | null | undefined;
}

/** The snapshot that holds what a directory holds: one that is there already and can be believed, or a new one. */
export async function keepAsSnapshot(ctx: Context, keeping: ContentToKeep): Promise<StoredSnapshot> {
  const { trusted, set, live, message, label, logBefore } = keeping;
  return (
    (await findSnapshotOf(ctx, keeping)) ??
    (await publishSnapshot(ctx, {
      trusted,
      set,
      content: live,
      kinds: countKinds(live.entries),
      message,
      labels: [label],
      changes: undefined,
      logBefore,
      startedMs: undefined,
    }))
  );
}

/** A snapshot that holds what a directory holds, and can be believed. */
export async function findSnapshotOf(
  ctx: Context,
  { trusted, live, refs }: Pick<ContentToKeep, 'trusted' | 'live' | 'refs'>,
): Promise<StoredSnapshot | undefined> {
  // Ids name their content: only those that can be it are read.
  const candidates = refs.filter(({ name }) => name.endsWith(live.manifest.slice(0, 12)));
  const { snapshots } = await readSnapshots(ctx, candidates);
  const same = snapshots.filter(({ snapshot }) => snapshot.manifest === live.manifest && snapshot.tree === live.root);
  if (same.length === 0) return undefined;
  const judge = await openJudge(ctx, trusted);
  for (const stored of same) if ((await judge(stored)).every(({ ok }) => ok)) return stored;
  return undefined;
}
