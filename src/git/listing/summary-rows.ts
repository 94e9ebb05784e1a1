import type { SnapshotSummary } from '../../core/snapshot/snapshot-info.ts';
import type { RowKind } from './listing-cache.ts';

type Common = Pick<SnapshotSummary, 'labels'>;

// Numbers no longer than they can be: of what is longer, no time could be printed.
const FIELDS = /^\t(\d+)\t(\d{1,16})\t(\d{1,16})\t(\d{1,12})\t([^\t]*)$/;

/** Rows with what tables show. */
export const SUMMARY_ROWS: RowKind<SnapshotSummary, Common> = {
  name: 'listing',
  fields: ({ files, bytes, takenAtSec, message }) => [files, bytes, takenAtSec, message],
  common: ({ labels }) => ({ labels }),
  readCommon: ({ labels }) => (isLabels(labels) ? { labels } : undefined),
  row: ({ tag, ref, set, id }, fields, commons) => {
    // By one expression and without lists: of a thousand rows, everything else takes longer than finding their refs.
    const found = FIELDS.exec(fields);
    const labels = found === null ? undefined : commons[Number(found[1])]?.labels;
    if (found === null || labels === undefined) return undefined;
    return {
      set,
      id,
      ref,
      tag,
      files: Number(found[2]),
      bytes: Number(found[3]),
      takenAtSec: Number(found[4]),
      message: found[5] ?? '',
      labels,
    };
  },
};

/** Whether something that was read is what labels are. */
export function isLabels(found: unknown): found is SnapshotSummary['labels'] {
  return Array.isArray(found) && found.every((one) => isText(one?.key) && isText(one?.value));
}

const isText = (found: unknown) => typeof found === 'string';
