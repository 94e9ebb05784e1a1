import type { Oid } from '../../core/oid.ts';
import type { SnapshotInfo } from '../../core/snapshot/snapshot-info.ts';
import type { RowKind } from './listing-cache.ts';

type Common = Pick<SnapshotInfo, 'tagger' | 'body' | 'path' | 'labels' | 'context' | 'source' | 'policy'>;

/** What is before the first tab, the place of what it has in common, and its fields. */
const COUNT = 10;

/** Rows with all that a tag says. */
export const WHOLE_ROWS: RowKind<SnapshotInfo> = {
  name: 'listing-whole',
  fields: ({ files, bytes, takenAtSec, message, tree, payload, manifest, previous = '' }) => [
    files,
    bytes,
    takenAtSec,
    message,
    tree,
    payload,
    manifest,
    previous,
  ],
  common: ({ tagger, body, path, labels, context, source, policy }) => {
    const common: Common = { tagger, body, path, labels, context, source, policy };
    return common;
  },
  row: ({ tag, ref, set, id }, fields, commons) => {
    const all = fields.split('\t');
    const [, place, files, bytes, takenAtSec, message = '', tree = '', payload = '', manifest = '', previous] = all;
    const common = commons[Number(place)];
    if (all.length !== COUNT || typeof common !== 'object' || common === null) return undefined;
    const { tagger, body, path, labels, context, source, policy } = common as Common;
    return {
      set,
      id,
      ref,
      tag,
      tree: tree as Oid,
      payload,
      manifest,
      files: Number(files),
      bytes: Number(bytes),
      takenAtSec: Number(takenAtSec),
      tagger,
      message,
      body,
      path,
      labels,
      context,
      source,
      previous: previous === '' ? undefined : previous,
      policy,
    };
  },
};
