import { DIRECTORY, FILE, fileType } from '../../core/entry.ts';
import type { ArchiveMember, Bytes, Exporting } from '../../core/exchange/port.ts';
import { PROOF_DIRECTORY } from '../../core/exchange/port.ts';
import type { Ref } from '../../core/ports.ts';
import type { Context } from '../context.ts';
import type { StoredSnapshot } from '../snapshot/read-snapshots.ts';
import { snapshotEntries } from '../snapshot/snapshot-entries.ts';

/** Refs of an export: the snapshot, the policy, the log, and whatever else there is. */
export type ExportedRefs = readonly [snapshot: Ref, policy: Ref, log: Ref, ...others: Ref[]];

/** The proof first, so that whoever reads the archive knows what must follow. */
export async function* archiveMembers(
  ctx: Context,
  tools: Exporting,
  { stored, refs: [snapshot, policy, log, ...others] }: { stored: StoredSnapshot; refs: ExportedRefs },
): AsyncGenerator<ArchiveMember, void, undefined> {
  const { tree, modes, tagger, bytes } = stored.snapshot;
  const { atSec } = tagger;
  const prefix = directoryOf(stored.snapshot);
  const { entries, trees } = await snapshotEntries(ctx, { tree, modes, what: `'${stored.ref}'` });
  const proof = await gather(
    tools.proof({
      refs: [snapshot, policy, log, ...others],
      histories: [policy.oid, log.oid],
      objects: [snapshot.oid, ...others.map(({ oid }) => oid), ...trees],
    }),
  );
  const size = proof.reduce((sum, { length }) => sum + length, 0);
  yield { path: proofPath(stored.snapshot), mode: FILE | 0o644, size, atSec, content: from(proof) };
  yield { path: prefix, mode: DIRECTORY, size: 0, atSec, content: from([]) };
  const progress = ctx.report.phase('Writing');
  const isFile = ({ mode }: { mode: number }) => fileType(mode) !== DIRECTORY;
  const blobs = tools.blobs(entries.filter(isFile).map(({ oid }) => oid))[Symbol.asyncIterator]();
  let done = 0;
  try {
    for (const entry of entries) {
      const path = `${prefix}/${entry.path}`;
      if (!isFile(entry)) {
        yield { path, mode: DIRECTORY, size: 0, atSec, content: from([]) };
        continue;
      }
      const next = await blobs.next();
      if (next.done) throw new Error('fewer blobs were read than were asked for');
      yield { path, mode: entry.mode, size: next.value.size, atSec, content: next.value.content };
      done += next.value.size;
      progress(done, bytes);
    }
  } finally {
    await blobs.return?.();
  }
}

/** The directory in an archive that the content is in. */
export function directoryOf({ set, id }: { readonly set: string; readonly id: string }): string {
  return `${set}-${id}`;
}

/** Where an archive has its proof. */
export function proofPath(snapshot: { readonly set: string; readonly id: string }): string {
  return `${PROOF_DIRECTORY}/${directoryOf(snapshot)}.bundle`;
}

async function gather(chunks: Bytes): Promise<Uint8Array[]> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return all;
}

async function* from(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array, void, undefined> {
  yield* chunks;
}
