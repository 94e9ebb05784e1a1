import { MalformedError, SnapshotError } from '../../core/errors.ts';
import type { Oid } from '../../core/oid.ts';
import type { GitObject, Ref } from '../../core/ports.ts';
import { parseSnapshotRef, SNAPSHOT_REFS } from '../../core/refs.ts';
import { isBackup } from '../../core/snapshot/label.ts';
import type { Selector } from '../../core/snapshot/selector.ts';
import { parseSelector } from '../../core/snapshot/selector.ts';
import type { SignedSnapshotTag } from '../../core/snapshot/snapshot-tag.ts';
import { parseSnapshotTag } from '../../core/snapshot/snapshot-tag.ts';
import type { Context } from '../context.ts';
import { sha256Of } from '../context.ts';
import type { SnapshotInfo } from '../results.ts';

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

type Reading = Pick<Context, 'store' | 'digest'>;

/** Refs of snapshots, of one set or of all, oldest first in each set. Names that are not of our grammar are left out. */
export async function listSnapshotRefs(ctx: Reading, set: string | undefined): Promise<Ref[]> {
  const refs = await ctx.store.listRefs(set === undefined ? SNAPSHOT_REFS : `${SNAPSHOT_REFS}${set}/`);
  return refs.filter(({ name }) => parseSnapshotRef(name) !== undefined);
}

/** Reads the tags that these refs name, all in one pass. */
export async function readSnapshots(
  ctx: Reading,
  refs: readonly Ref[],
): Promise<{ snapshots: StoredSnapshot[]; malformed: MalformedSnapshot[] }> {
  const objects = await ctx.store.readObjects(refs.map(({ oid }) => oid));
  const snapshots: StoredSnapshot[] = [];
  const malformed: MalformedSnapshot[] = [];
  for (const [i, ref] of refs.entries()) {
    try {
      snapshots.push(parseStored(ctx, ref, objects[i] as GitObject));
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      malformed.push({ ref: ref.name, reason: error.message });
    }
  }
  return { snapshots, malformed };
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
  return parseStored(ctx, ref, await ctx.store.readObject(ref.oid));
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

/**
 * Finds the snapshot that a person means.
 *
 * `latest` and `latest~N` do not count the backups that rollbacks make: after a rollback, `latest` is still
 * the newest snapshot that someone took.
 *
 * @param text - a selector, see {@link parseSelector}
 * @param defaultSet - the set where the selector names none
 * @throws {SnapshotError} `not-found`, or `usage` where several match
 */
export async function resolveSnapshot(ctx: Reading, text: string, defaultSet: string): Promise<StoredSnapshot> {
  const selector = parseSelector(text);
  const set = selector.set ?? defaultSet;
  if (selector.by === 'environment') {
    throw new SnapshotError('not-found', `there is no environment '${selector.environment}'`, {
      hint: 'The policy of this repository has no environments.',
    });
  }
  const newestFirst = (await listSnapshotRefs(ctx, set)).reverse();
  if (newestFirst.length === 0) {
    throw new SnapshotError('not-found', `the set '${set}' has no snapshots`, {
      hint: 'Take one with "git snapshot -m MESSAGE".',
    });
  }
  return selector.by === 'latest' || selector.by === 'label'
    ? findByTag(ctx, newestFirst, { selector, text })
    : findByName(ctx, newestFirst, { selector, text });
}

type ByTag = Extract<Selector, { by: 'latest' | 'label' }>;
type ByName = Extract<Selector, { by: 'id' | 'manifest' }>;

async function findByTag(
  ctx: Reading,
  newestFirst: readonly Ref[],
  { selector, text }: { selector: ByTag; text: string },
): Promise<StoredSnapshot> {
  let left = selector.by === 'latest' ? selector.back : 0;
  // A few at a time: the one that is asked for is mostly among the newest.
  for (let i = 0; i < newestFirst.length; i += 64) {
    const { snapshots } = await readSnapshots(ctx, newestFirst.slice(i, i + 64));
    for (const stored of snapshots) {
      const { labels } = stored.snapshot;
      const matches =
        selector.by === 'label'
          ? labels.some(({ key, value }) => key === selector.key && value === selector.value)
          : !isBackup(labels);
      if (matches && left-- === 0) return stored;
    }
  }
  throw new SnapshotError('not-found', `there is no snapshot '${text}'`, {
    hint: 'Run "git snapshot list" to see what there is.',
  });
}

async function findByName(
  ctx: Reading,
  newestFirst: readonly Ref[],
  { selector, text }: { selector: ByName; text: string },
): Promise<StoredSnapshot> {
  const candidates = newestFirst.filter(({ name }) => {
    const id = parseSnapshotRef(name)?.id ?? '';
    if (selector.by === 'id') return id.startsWith(selector.prefix);
    const known = id.slice(-12);
    return known.startsWith(selector.prefix.slice(0, 12));
  });
  const { snapshots, malformed } = await readSnapshots(ctx, candidates);
  const matches = snapshots.filter(
    ({ snapshot }) => selector.by === 'id' || snapshot.manifest.startsWith(selector.prefix),
  );
  const [first] = matches;
  if (first === undefined) {
    const [fault] = malformed;
    if (fault !== undefined) throw new MalformedError(`'${fault.ref}'`, fault.reason.replace(`'${fault.ref}': `, ''));
    throw new SnapshotError('not-found', `there is no snapshot '${text}'`, {
      hint: 'Run "git snapshot list" to see what there is.',
    });
  }
  // Snapshots of one manifest hold the same content: the newest stands for all of them.
  if (matches.length > 1 && new Set(matches.map(({ snapshot }) => snapshot.manifest)).size > 1) {
    const some = matches.slice(0, 4).map(({ snapshot }) => snapshot.id);
    throw new SnapshotError('usage', `'${text}' is ambiguous: ${matches.length} snapshots begin so`, {
      hint: `Give more of it: ${some.join(', ')}.`,
    });
  }
  return first;
}
