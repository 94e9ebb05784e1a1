import type { SnapshotSummary } from '../../core/snapshot/snapshot-info.ts';
import type { RowKind } from './listing-cache.ts';

const FIELDS = /^\t(\d+)\t(\d+)\t(\d+)\t(-?\d+)\t([^\t]*)$/;

/** Rows with what tables show. */
export const SUMMARY_ROWS: RowKind<SnapshotSummary> = {
  name: 'listing',
  fields: ({ files, bytes, takenAtSec, message }) => [files, bytes, takenAtSec, message],
  common: ({ labels }) => ({ labels }),
  row: ({ tag, ref, set, id }, fields, commons) => {
    // By one expression and without lists: of a thousand rows, everything else takes longer than finding their refs.
    const found = FIELDS.exec(fields);
    const common = found === null ? undefined : commons[Number(found[1])];
    if (found === null || typeof common !== 'object' || common === null) return undefined;
    return {
      set,
      id,
      ref,
      tag,
      files: Number(found[2]),
      bytes: Number(found[3]),
      takenAtSec: Number(found[4]),
      message: found[5] ?? '',
      labels: (common as Pick<SnapshotSummary, 'labels'>).labels,
    };
  },
};
