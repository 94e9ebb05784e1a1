import { readdirSync, readFileSync, statSync, utimesSync } from 'node:fs';
import type { ByteString } from '../../core/byte-string.ts';
import type { ObjectFormat } from '../../core/oid.ts';
import { isSystemError } from '../files/file-error.ts';
import { fsPath } from '../files/fs-path.ts';
import { PackIndex } from './pack-index.ts';

/** Where an object's entry lies. */
export interface PackedEntry {
  /** Path of the pack. */
  readonly pack: ByteString;
  readonly offset: number;
  /** Length of header and deflated data. */
  readonly length: number;
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

  /** The entry of an object, in the first pack that has it. */
  find(oid: string): PackedEntry | undefined {
    const name = this.#rawName(oid);
    for (const known of this.#packs.values()) {
      const offset = known?.index.find(name);
      if (known === undefined || offset === undefined) continue;
      return { pack: known.file, offset, length: (known.index.following(offset) ?? known.end) - offset };
    }
    return undefined;
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
