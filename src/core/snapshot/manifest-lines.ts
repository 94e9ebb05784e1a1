import type { Entry } from '../entry.ts';
import { DIRECTORY, fileType } from '../entry.ts';
import type { Oid } from '../oid.ts';
import type { BlobDigest } from '../ports.ts';

/** An entry, and what is known of its content from elsewhere. */
type KnownEntry = Pick<Entry, 'path' | 'mode' | 'oid'> & {
  readonly sha256?: string | undefined;
  readonly size?: number;
};

/**
 * What a manifest says of some entries, made one at a time: a hundred thousand of them live no longer than their lines.
 *
 * @param digests - of content that was hashed; it counts before what an entry says itself
 * @param empty - digest of nothing, which is what directories have
 */
export function* manifestLines(
  entries: Iterable<KnownEntry>,
  { digests, empty }: { readonly digests: ReadonlyMap<Oid, BlobDigest>; readonly empty: BlobDigest },
): Generator<Omit<Entry, 'oid'>> {
  for (const { path, mode, oid, sha256, size } of entries) {
    const hashed = fileType(mode) === DIRECTORY ? empty : digests.get(oid);
    yield { path, mode, sha256: hashed?.sha256 ?? sha256 ?? empty.sha256, size: hashed?.size ?? size ?? empty.size };
  }
}
