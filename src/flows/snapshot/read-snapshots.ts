import { MalformedError, MissingObjectError } from '../../core/errors.ts';
import type { Oid } from '../../core/oid.ts';
import type { GitObject, Ref } from '../../core/ports.ts';
import { SNAPSHOT_REFS } from '../../core/refs.ts';
import { isBackup } from '../../core/snapshot/label.ts';
import type { SnapshotInfo } from '../../core/snapshot/snapshot-info.ts';
import type { SignedSnapshotTag } from '../../core/snapshot/snapshot-tag.ts';
import { parseSnapshotTag } from '../../core/snapshot/snapshot-tag.ts';
import type { Context } from '../context.ts';
import { sha256Of } from '../context.ts';

/** A snapshot as it was found in the repository: well-formed and under its own name, but not yet verified. */
export interface StoredSnapshot extends SignedSnapshotTag {
  readonly ref: string;
  readonly tag: Oid;
}

/** A ref that has no well-formed snapshot behind it. */
export interface MalformedSnapshot {
  readonly ref: string;
  readonly reason: string;
}

/** Why a snapshot cannot be what is meant where no certain one was named; undefined where it can. */
export type AcceptSnapshot = (stored: StoredSnapshot) => Promise<string | undefined>;

type Reading = Pick<Context, 'store' | 'digest'>;

/** Reads the tags that these refs name, all in one pass. A tag that is missing or damaged spoils no other. */
export async function readSnapshots(
  ctx: Reading,
  refs: readonly Ref[],
): Promise<{ snapshots: StoredSnapshot[]; malformed: MalformedSnapshot[] }> {
  const objects = await readTags(ctx, refs);
  const snapshots: StoredSnapshot[] = [];
  const malformed: MalformedSnapshot[] = [];
  for (const [i, ref] of refs.entries()) {
    try {
      const object = objects[i] ?? (await readTag(ctx, ref));
      snapshots.push(parseStored(ctx, ref, object));
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      malformed.push({ ref: ref.name, reason: error.message });
    }
  }
  return { snapshots, malformed };
}

/** The tags, in one pass; nothing where one of them cannot be read, so that each must be read by itself. */
async function readTags(ctx: Reading, refs: readonly Ref[]): Promise<readonly GitObject[]> {
  try {
    return await ctx.store.readObjects(refs.map(({ oid }) => oid));
  } catch (error) {
    if (error instanceof MissingObjectError || error instanceof MalformedError) return [];
    throw error;
  }
}

/** @throws {MalformedError} naming the ref, also where the tag is missing */
async function readTag(ctx: Reading, { name, oid }: Ref): Promise<GitObject> {
  try {
    return await ctx.store.readObject(oid);
  } catch (error) {
    if (!(error instanceof MissingObjectError)) throw error;
    throw new MalformedError(`'${name}'`, `the tag ${oid} is missing`, {
      cause: error,
      hint: 'Fetch it from a complete clone.',
    });
  }
}

/**
 * The newest of these that is well-formed and accepted, and those that are newer and are not.
 *
 * @param choice - `backups: 'leave-out'`: what rollbacks and rehearsals keep is no candidate, and nothing is said of it
 */
export async function newestSnapshot(
  ctx: Reading,
  refs: readonly Ref[],
  {
    accept,
    backups = 'count',
  }: { readonly accept?: AcceptSnapshot | undefined; readonly backups?: 'count' | 'leave-out' } = {},
): Promise<{ newest: StoredSnapshot | undefined; passedOver: MalformedSnapshot[] }> {
  const passedOver: MalformedSnapshot[] = [];
  for (const ref of [...refs].reverse()) {
    const { snapshots, malformed } = await readSnapshots(ctx, [ref]);
    const [newest] = snapshots;
    if (newest !== undefined && backups === 'leave-out' && isBackup(newest.snapshot.labels)) continue;
    const reason = newest === undefined ? malformed[0]?.reason : await accept?.(newest);
    if (reason === undefined) return { newest, passedOver };
    passedOver.push({ ref: ref.name, reason });
  }
  return { newest: undefined, passedOver };
}

/** @throws {MalformedError} unless the ref names a well-formed snapshot tag of that very name */
function parseStored(ctx: Reading, { name, oid }: Ref, object: GitObject): StoredSnapshot {
  const what = `'${name}'`;
  if (object.type !== 'tag') throw new MalformedError(what, `names a ${object.type}, not a tag`);
  const signed = parseSnapshotTag(object.body, ctx.store.format, what);
  const { set, id } = signed.snapshot;
  if (name !== `${SNAPSHOT_REFS}${set}/${id}`)
    throw new MalformedError(what, `the tag is of the snapshot ${set}/${id}`);
  return { ...signed, ref: name, tag: oid };
}

/** Reads one snapshot by its ref. @throws {MalformedError} */
export async function readSnapshot(ctx: Reading, ref: Ref): Promise<StoredSnapshot> {
  return parseStored(ctx, ref, await readTag(ctx, ref));
}

/** What a snapshot's tag says, for people and programs. */
export function snapshotInfo(ctx: Reading, { snapshot, payload, ref, tag }: StoredSnapshot): SnapshotInfo {
  const { name, email, atSec } = snapshot.tagger;
  return {
    set: snapshot.set,
    id: snapshot.id,
    ref,
    tag,
    tree: snapshot.tree,
    payload: sha256Of(ctx, payload),
    manifest: `sha256:${snapshot.manifest}`,
    files: snapshot.files,
    bytes: snapshot.bytes,
    takenAtSec: atSec,
    tagger: { name, email },
    message: snapshot.subject,
    body: snapshot.body,
    path: snapshot.path,
    labels: snapshot.labels,
    context: snapshot.context,
    source: snapshot.source,
    previous: snapshot.previous === undefined ? undefined : `sha256:${snapshot.previous}`,
    policy: { version: snapshot.policy.version, digest: `sha256:${snapshot.policy.digest}` },
  };
}
