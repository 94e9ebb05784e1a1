import type { Oid } from '../../core/oid.ts';
import type { SnapshotInfo } from '../../core/snapshot/snapshot-info.ts';
import type { RowKind } from './listing-cache.ts';
import { isLabels } from './summary-rows.ts';

type Common = Pick<SnapshotInfo, 'tagger' | 'body' | 'path' | 'labels' | 'context' | 'source' | 'policy'>;

const FIELDS = /^\t(\d+)\t(\d{1,16})\t(\d{1,16})\t(\d{1,12})\t([^\t]*)\t(\w+)\t([\w:]+)\t([\w:]+)\t([\w:]*)$/;

/** Rows with all that a tag says. */
export const WHOLE_ROWS: RowKind<SnapshotInfo, Common> = {
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
    return { tagger, body, path, labels, context, source, policy };
  },
  readCommon: ({ tagger, body, path, labels, context, source, policy }) =>
    has(tagger, { name: 'string', email: 'string' }) &&
    (body === undefined || typeof body === 'string') &&
    typeof path === 'string' &&
    isLabels(labels) &&
    isContext(context) &&
    (source === undefined || has(source, { commit: 'string', dirty: 'boolean' })) &&
    has(policy, { version: 'number', digest: 'string' })
      ? { tagger, body, path, labels, context, source, policy }
      : undefined,
  row: ({ tag, ref, set, id }, fields, commons) => {
    const found = FIELDS.exec(fields);
    const common = commons[Number(found?.[1])];
    if (found === null || common === undefined) return undefined;
    const [, , files, bytes, takenAtSec, message = '', tree = '', payload = '', manifest = '', previous] = found;
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
      message,
      previous: previous === '' ? undefined : previous,
      ...common,
    };
  },
};

interface Types {
  string: string;
  number: number;
  boolean: boolean;
}

function has<Shape extends Readonly<Record<string, keyof Types>>>(
  found: unknown,
  shape: Shape,
): found is { readonly [Name in keyof Shape]: Types[Shape[Name]] } {
  if (typeof found !== 'object' || found === null) return false;
  const record = found as Record<string, unknown>;
  return Object.entries(shape).every(([name, type]) => typeof record[name] === type);
}

function isContext(found: unknown): found is Common['context'] {
  return Array.isArray(found) && found.every((one) => has(one, { name: 'string', value: 'string' }));
}
