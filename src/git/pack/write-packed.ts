import type { ByteString } from '../../core/byte-string.ts';
import type { ObjectFormat } from '../../core/oid.ts';
import type { NamedObject } from '../objects/loose-objects.ts';
import { objectEntry } from '../objects/object-entry.ts';
import { PackWriter } from './pack-writer.ts';
import { publishPacks } from './publish-packs.ts';

/** Writes objects into one pack: complete or not at all, durable with `fsync`. For thousands, which would be as many files. */
export function writePackedObjects(
  { objectDirectory, format }: { objectDirectory: ByteString; format: ObjectFormat },
  objects: readonly NamedObject[],
  { fsync }: { fsync: boolean },
): void {
  const distinct = new Map(objects.map((object) => [object.oid, object]));
  const writer = new PackWriter({ objectDirectory, format, fsync, expectedEntries: distinct.size });
  try {
    for (const { oid, type, body } of distinct.values()) writer.addEntry(oid, objectEntry(type, body));
    publishPacks(objectDirectory, [writer.seal()], { fsync });
  } catch (error) {
    writer.abandon();
    throw error;
  }
}
