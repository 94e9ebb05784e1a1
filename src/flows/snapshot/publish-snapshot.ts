import { SnapshotError } from '../../core/errors.ts';
import type { Oid } from '../../core/oid.ts';
import type { Ref } from '../../core/ports.ts';
import { isSnapshotId, parseSnapshotRef, snapshotRef } from '../../core/refs.ts';
import type { KindCount } from '../../core/snapshot/kinds.ts';
import type { Label } from '../../core/snapshot/label.ts';
import { isBackup, sortLabels } from '../../core/snapshot/label.ts';
import { snapshotId } from '../../core/snapshot/manifest.ts';
import type { Message } from '../../core/snapshot/message.ts';
import { describeModes } from '../../core/snapshot/modes.ts';
import type { SnapshotTag } from '../../core/snapshot/snapshot-tag.ts';
import { encodeSnapshotPayload } from '../../core/snapshot/snapshot-tag.ts';
import type { Context, GovernedSet } from '../context.ts';
import { nowSec } from '../context.ts';
import { actorFor, requireRole } from '../log/actor.ts';
import { publish } from '../log/publish.ts';
import type { TrustedPolicy } from '../policy/load-policy.ts';
import type { Change } from '../results.ts';
import { listSnapshotRefs } from './list-snapshot-refs.ts';
import type { SetContent } from './read-set.ts';
import type { StoredSnapshot } from './read-snapshots.ts';
import { newestSnapshot } from './read-snapshots.ts';
import { refuseOutdated } from './refuse-outdated.ts';

/** What is to be published as a snapshot. */
export interface SnapshotToPublish {
  readonly trusted: TrustedPolicy;
  readonly set: GovernedSet;
  readonly content: SetContent;
  readonly kinds: readonly KindCount[];
  readonly message: Message;
  readonly labels: readonly Label[];
  /** How the content differs from what the directory was before, if it was a snapshot. */
  readonly changes: readonly Change[] | undefined;
  /** The end of the log before the content was read; undefined where nothing can be erased or rolled back meanwhile. */
  readonly logBefore: Oid | null | undefined;
  /** When taking it began; undefined: it is a part of something that is timed as a whole. */
  readonly startedMs: number | undefined;
}

/**
 * Signs a tag over content whose objects are stored, and publishes it with its event.
 *
 * @throws {SnapshotError} if this user's key may not take snapshots
 */
export async function publishSnapshot(
  ctx: Context,
  { trusted, set, content, kinds, message, labels, changes, logBefore, startedMs }: SnapshotToPublish,
): Promise<StoredSnapshot> {
  const [actor, source, context] = await Promise.all([actorFor(ctx, trusted), ctx.headState(), ctx.detectedContext()]);
  // Who rolls back must be able to take a backup.
  requireRole(actor, isBackup(labels) ? ['snapshotter', 'releaser'] : 'snapshotter', { set: set.name });
  const { store, digest } = ctx;
  const modes = describeModes(content.entries);
  return publish(ctx, actor, async (tip) => {
    if (logBefore !== undefined) await refuseOutdated(ctx, { trusted, set, since: logBefore });
    const refs = await listSnapshotRefs(ctx, set.name);
    const previous = await newestPayload(ctx, refs);
    const { id, atSec } = freeId(nowSec(ctx), content.manifest, refs);
    const snapshot: SnapshotTag = {
      set: set.name,
      id,
      tree: content.root,
      tagger: { ...actor.identity, atSec },
      subject: message.subject,
      body: message.body,
      repository: trusted.policy.repository,
      path: set.path,
      manifest: content.manifest,
      files: content.files,
      bytes: content.bytes,
      previous,
      source,
      policy: { version: trusted.policy.version, digest: trusted.digest.slice('sha256:'.length) },
      audit: tip,
      labels: sortLabels(labels),
      modes,
      context,
    };
    const payload = encodeSnapshotPayload(snapshot);
    const armor = await actor.signer.sign(payload);
    const [tag] = (await store.writeObjects([{ type: 'tag', body: payload + armor }])) as [Oid];
    const ref = snapshotRef(set.name, id);
    const result: StoredSnapshot = { snapshot, payload, armor, ref, tag };
    return {
      event: {
        type: 'snapshot',
        set: set.name,
        snapshot: { id, tag, payload: `sha256:${digest.sha256(payload)}` },
        manifest: `sha256:${content.manifest}`,
        subject: message.subject,
        ...(isBackup(labels) ? { backup: true as const } : {}),
        kinds: [...kinds],
        ...(changes === undefined ? {} : { changes: countChanges(changes) }),
        ...(startedMs === undefined ? {} : { durationMs: Math.max(0, Math.round(ctx.nowMs() - startedMs)) }),
      },
      updates: [{ name: ref, from: null, to: tag }],
      reason: `snapshot: ${set.name}/${id}`,
      result,
    };
  });
}

async function newestPayload(ctx: Context, refs: readonly Ref[]): Promise<string | undefined> {
  const { newest } = await newestSnapshot(ctx, refs);
  return newest && ctx.digest.sha256(newest.payload);
}

/** How far ahead the newest snapshot may be, by a burst of them or by another machine's clock, and still be waited for. */
const MAX_AHEAD_SEC = 900;

/** An id that sorts after those there are, as the newest must: of several snapshots in one second, each takes the next second. */
function freeId(nowSec: number, manifest: string, refs: readonly Ref[]): { id: string; atSec: number } {
  const timeOf = (id: string) => id.slice(0, id.indexOf('-'));
  const limit = timeOf(snapshotId(nowSec + MAX_AHEAD_SEC, manifest));
  const times = refs.map(({ name }) => timeOf(parseSnapshotRef(name)?.id ?? '-'));
  const newest = times.findLast((time) => time <= limit) ?? '';
  for (let atSec = nowSec; ; atSec++) {
    const id = snapshotId(atSec, manifest);
    if (!isSnapshotId(id))
      throw new SnapshotError('config', 'the clock of this machine is outside the years 0 to 9999');
    if (timeOf(id) > newest) return { id, atSec };
  }
}

function countChanges(changes: readonly Change[]): { added: number; modified: number; deleted: number } {
  const count = (...statuses: Change['status'][]) => changes.filter(({ status }) => statuses.includes(status)).length;
  return { added: count('A'), modified: count('M', 'T', 'P'), deleted: count('D') };
}
