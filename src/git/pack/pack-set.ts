import { readdirSync, readFileSync, statSync, utimesSync } from 'node:fs';
import type { ByteString } from '../../core/byte-string.ts';
import type { ObjectFormat } from '../../core/oid.ts';
import { isSystemError } from '../files/file-error.ts';
import { fsPath } from '../files/fs-path.ts';
import { PackIndex } from './pack-index.ts';

/** Entries of one pack, in the order in which they lie there. */
export interface PackedEntries {
  /** Path of the pack. */
  readonly pack: ByteString;
  /** For each entry the place of its object among those that were asked for. */
  readonly places: Uint32Array;
  readonly offsets: Float64Array;
  /** Lengths of header and deflated data. */
  readonly lengths: Float64Array;
}

interface KnownPack {
  readonly file: ByteString;
  readonly index: PackIndex;
  /** Where the entries end and the checksum begins. */
  readonly end: number;
  marked: boolean | undefined;
}

/** The packs in object directories, by their indexes. What cannot be read is as good as not found: git is asked then. */
export class PackSet {
  readonly #directories: readonly ByteString[];
  readonly #format: ObjectFormat;
  readonly #name: Buffer;
  #packs = new Map<ByteString, KnownPack | undefined>();

  /** @param objectDirectories - the one that is written to first */
  constructor(objectDirectories: readonly ByteString[], format: ObjectFormat) {
    this.#directories = objectDirectories.map((directory) => `${directory}/pack`);
    this.#format = format;
    this.#name = Buffer.alloc(format.rawLength);
  }

  /** Looks which packs there are now. */
  refresh(): void {
    const packs = new Map<ByteString, KnownPack | undefined>();
    for (const directory of this.#directories) {
      for (const name of indexesIn(directory)) {
        const index = `${directory}/${name}`;
        const known = this.#packs.get(index) ?? this.#load(index);
        if (known !== undefined) packs.set(index, { ...known, marked: undefined });
      }
    }
    this.#packs = packs;
  }

  /** Where objects lie, each in the first pack that has it; those that no pack has are left out. */
  locate(oids: readonly string[]): PackedEntries[] {
    const found = new Map<KnownPack, { places: number[]; offsets: number[] }>();
    for (const [place, oid] of oids.entries()) {
      const name = this.#rawName(oid);
      for (const known of this.#packs.values()) {
        const offset = known?.index.find(name);
        if (known === undefined || offset === undefined) continue;
        const { places, offsets } = found.get(known) ?? { places: [], offsets: [] };
        if (places.length === 0) found.set(known, { places, offsets });
        places.push(place);
        offsets.push(offset);
        break;
      }
    }
    return [...found].map(([{ file, index, end }, { places, offsets }]) => {
      const order = Uint32Array.from(offsets.keys()).sort((a, b) => (offsets[a] ?? 0) - (offsets[b] ?? 0));
      const sorted = Float64Array.from(order, (row) => offsets[row] ?? 0);
      return {
        pack: file,
        places: Uint32Array.from(order, (row) => places[row] ?? 0),
        offsets: sorted,
        lengths: index.lengths(sorted, end),
      };
    });
  }

  /**
   * Whether a pack has the object, and will keep it for a while: as git does before it relies on an
   * object that may be unreachable, the pack is marked as just used.
   */
  keeps(oid: string): boolean {
    if (this.#packs.size === 0) return false;
    const name = this.#rawName(oid);
    for (const known of this.#packs.values()) {
      if (known?.index.find(name) === undefined) continue;
      known.marked ??= markUsed(known.file);
      if (known.marked) return true;
    }
    return false;
  }

  /** Good until the next call: a new buffer each time would take longer than the search. */
  #rawName(oid: string): Buffer {
    for (let i = 0; i < this.#name.length; i++) {
      this.#name[i] = (digit(oid.charCodeAt(2 * i)) << 4) | digit(oid.charCodeAt(2 * i + 1));
    }
    return this.#name;
  }

  #load(path: ByteString): KnownPack | undefined {
    const file = `${path.slice(0, -'.idx'.length)}.pack`;
    try {
      const index = PackIndex.parse(this.#format, readFileSync(fsPath(path)));
      const end = statSync(fsPath(file)).size - this.#format.rawLength;
      return index === undefined ? undefined : { file, index, end, marked: undefined };
    } catch (error) {
      if (isSystemError(error)) return undefined;
      throw error;
    }
  }
}

function indexesIn(directory: ByteString): ByteString[] {
  try {
    return readdirSync(fsPath(directory), { encoding: 'latin1' }).filter((name) => name.endsWith('.idx'));
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}

/** The value of a lower-case hexadecimal digit, by its character code. */
function digit(code: number): number {
  return code < 0x3a ? code - 0x30 : code - 0x57;
}

/** Sets a file's time to now, which keeps `git prune` and `git gc` from deleting what is in it. False if that cannot be done. */
export function markUsed(file: ByteString): boolean {
  const now = Date.now() / 1000;
  try {
    utimesSync(fsPath(file), now, now);
    return true;
  } catch (error) {
    if (isSystemError(error)) return false;
    throw error;
  }
}
