import { type ByteString, percentEncode, toByteArray, utf8Decode } from '../../core/byte-string.ts';
import type { SnapshotInfo } from '../../core/snapshot/snapshot-info.ts';
import type { Change } from '../../flows/results.ts';
import { isoTime } from '../render/times.ts';

/** A path in a document: as text, and exactly (percent-encoded) where it is not UTF-8. */
export function pathJson(path: ByteString): { path: string; pathEncoded?: string } {
  const text = utf8Decode(path);
  if (text !== undefined) return { path: text };
  return { path: new TextDecoder().decode(toByteArray(path)), pathEncoded: percentEncode(path) };
}

/** A snapshot in a document. */
export function snapshotJson(info: SnapshotInfo) {
  const { path, pathEncoded } = pathJson(info.path);
  return {
    set: info.set,
    id: info.id,
    ref: info.ref,
    tag: info.tag,
    tree: info.tree,
    payload: info.payload,
    manifest: info.manifest,
    files: info.files,
    bytes: info.bytes,
    takenAt: isoTime(info.takenAtSec),
    message: info.message,
    body: info.body ?? null,
    labels: Object.fromEntries(info.labels.map(({ key, value }) => [key, value])),
    tagger: { name: info.tagger.name, email: info.tagger.email },
    path,
    ...(pathEncoded === undefined ? {} : { pathEncoded }),
    context: Object.fromEntries(info.context.map(({ name, value }) => [name, value])),
    source: info.source === undefined ? null : { commit: info.source.commit, dirty: info.source.dirty },
    previous: info.previous ?? null,
    policy: { version: info.policy.version, digest: info.policy.digest },
  };
}

/** A changed path in a document. */
export function changeJson({ status, path, from, to }: Change) {
  return {
    status: status === 'P' ? ('M' as const) : status,
    ...pathJson(path),
    ...(status === 'P' ? { modeOnly: true } : {}),
    from: sideJson(from),
    to: sideJson(to),
  };
}

function sideJson(side: Change['from']) {
  return side === undefined ? null : { mode: side.mode.toString(8).padStart(6, '0'), size: side.size };
}

/** How many paths changed in which way. */
export function countChanges(changes: readonly Change[]) {
  const count = (...statuses: Change['status'][]) => changes.filter(({ status }) => statuses.includes(status)).length;
  return { added: count('A'), modified: count('M'), deleted: count('D'), typeChanged: count('T'), modes: count('P') };
}
