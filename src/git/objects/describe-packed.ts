import type { ObjectType, Oid } from '../../core/oid.ts';
import type { ObjectDescription } from '../../core/ports.ts';
import { PackFiles } from '../pack/pack-files.ts';
import { MAX_HEADER_BYTES, PACK_TYPES, parseEntryHeader } from '../pack/pack-format.ts';
import type { PackSet } from '../pack/pack-set.ts';

// Of the entries, the first bytes are needed only: read ahead no further than entries of small files lie apart.
const WINDOW_BYTES = 64 * 1024;

const TYPES = new Map(Object.entries(PACK_TYPES).map(([type, code]) => [code, type as ObjectType]));

/** Type and size of those of these objects that are whole in a pack. Deltas, and what is elsewhere, are left to git. */
export function describePacked(packs: PackSet, oids: readonly Oid[]): Map<Oid, ObjectDescription> {
  packs.refresh();
  const found = new Map<Oid, ObjectDescription>();
  const files = new PackFiles(WINDOW_BYTES);
  try {
    for (const { pack, places, offsets, lengths } of packs.locate(oids)) {
      for (const [i, place] of places.entries()) {
        const length = Math.min(MAX_HEADER_BYTES, lengths[i] ?? 0);
        const head = files.read(pack, { offset: offsets[i] ?? 0, length });
        const header = head === undefined ? undefined : parseEntryHeader(head);
        const type = header === undefined ? undefined : TYPES.get(header.typeCode);
        const oid = oids[place];
        if (header !== undefined && type !== undefined && oid !== undefined)
          found.set(oid, { type, size: header.size });
      }
    }
  } finally {
    files.close();
  }
  return found;
}
