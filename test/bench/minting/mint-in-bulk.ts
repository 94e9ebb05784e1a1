import type { AuditEvent } from '../../../src/core/audit/event.ts';
import { encodeEventMessage } from '../../../src/core/audit/event.ts';
import { encodeCommit, signCommit } from '../../../src/core/git/commit.ts';
import { encodeTree } from '../../../src/core/git/tree.ts';
import type { Oid } from '../../../src/core/oid.ts';
import { LOG_REF, snapshotRef } from '../../../src/core/refs.ts';
import { formatManifest, snapshotId } from '../../../src/core/snapshot/manifest.ts';
import type { SnapshotTag } from '../../../src/core/snapshot/snapshot-tag.ts';
import { encodeSnapshotPayload } from '../../../src/core/snapshot/snapshot-tag.ts';
import type { Context } from '../../../src/flows/context.ts';
import { sha256Of } from '../../../src/flows/context.ts';
import type { Actor } from '../../../src/flows/log/actor.ts';
import { eventOf } from '../../../src/flows/log/publish.ts';
import { GrowingNotes } from './growing-notes.ts';
import type { PackStream } from './pack-stream.ts';

const FILE_MODE = 0o100644;

/** What is minted for whom. */
export interface Minting {
  readonly ctx: Context;
  readonly actor: Actor;
  /** The log's first event, on which the others are put. */
  readonly tip: Oid;
  /** The tree of that, so the notes so far. */
  readonly first: AuditEvent;
  readonly pack: PackStream;
  readonly count: number;
  /** Puts the clock to the time of the next snapshot. */
  readonly tick: () => number;
}

/**
 * Makes snapshots of one small file each, with their events and notes, as `create` would have made them one after the other, but
 * writes everything at once: objects into a pack, refs in the one transaction that is returned.
 */
export async function mintInBulk({ ctx, actor, tip, first, pack, count, tick }: Minting): Promise<string[]> {
  const { trusted, signer, identity } = actor;
  const { format } = ctx.store;
  const add = (type: 'blob' | 'tree' | 'tag' | 'commit', body: string): Oid => {
    pack.add(type, body);
    return ctx.digest.objectName(format, type, body);
  };
  const notes = new GrowingNotes(add);
  notes.add(first);
  const commands: string[] = [];
  let parent = tip;
  let previous: string | undefined;
  for (let number = 0; number < count; number++) {
    const atSec = tick();
    const content = `weights ${number}\n`;
    const tree = add('tree', encodeTree([{ mode: '100644', name: 'model.txt', oid: add('blob', content) }]));
    const entry = { mode: FILE_MODE, sha256: ctx.digest.sha256(content), size: content.length, path: 'model.txt' };
    const manifest = ctx.digest.sha256(formatManifest([entry]));
    const id = snapshotId(atSec, manifest);
    const snapshot: SnapshotTag = {
      set: 'artifacts',
      id,
      tree,
      tagger: { ...identity, atSec },
      subject: `number ${number}`,
      body: undefined,
      repository: trusted.policy.repository,
      path: 'artifacts',
      manifest,
      files: 1,
      bytes: content.length,
      previous,
      source: undefined,
      policy: { version: trusted.policy.version, digest: trusted.digest.slice('sha256:'.length) },
      audit: parent,
      labels: [],
      modes: { plain: 0o644, executable: 0o755, others: [] },
      context: [],
    };
    const payload = encodeSnapshotPayload(snapshot);
    const tag = add('tag', payload + (await signer.sign(payload)));
    previous = ctx.digest.sha256(payload);
    const event = eventOf(ctx, {
      report: {
        type: 'snapshot',
        set: 'artifacts',
        snapshot: { id, tag, payload: sha256Of(ctx, payload) },
        manifest: `sha256:${manifest}`,
        subject: snapshot.subject,
        kinds: [{ kind: 'document', files: 1, bytes: content.length }],
        ...(number === 0 ? {} : { changes: { added: 0, modified: 1, deleted: 0 } }),
      },
      actor,
      seq: number + 2,
    });
    const author = { ...identity, atSec };
    const commit = encodeCommit({ tree: notes.add(event), parent, author, message: encodeEventMessage(event) });
    parent = add('commit', signCommit(commit, await signer.sign(commit), format));
    commands.push(`create ${snapshotRef('artifacts', id)} ${tag}`);
  }
  return [...commands, `update ${LOG_REF} ${parent} ${tip}`];
}
