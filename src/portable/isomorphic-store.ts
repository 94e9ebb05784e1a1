import { fromByteArray } from '../core/byte-string.ts';
import { MalformedError, MissingObjectError, SnapshotError } from '../core/errors.ts';
import { isOid, type ObjectFormat, type Oid } from '../core/oid.ts';
import type { BlobDigest, GitObject, ObjectDescription, ObjectReader, Progress, Ref } from '../core/ports.ts';
import { sha256Hex } from './digest.ts';
import type { PortableFileSystem } from './file-system.ts';
import { openPlainRepository, type PlainRepository, type RepositoryPlace } from './open-repository.ts';
import { type RawObject, RawObjectReader } from './read-raw-object.ts';
import { listRefs, readRef } from './refs.ts';

/** The largest object that is read into memory as a byte string. */
const MAX_OBJECT_BYTES = 64 * 1024 * 1024;

/** How many objects are read at once: enough to keep a disk busy. */
const AT_ONCE = 16;

/** Of how many blobs one call tells of progress. */
const PROGRESS_STEP = 64;

const SHALLOW_HINT = 'The history is cut off: verify a clone that is not shallow.';

/**
 * Opens the read half of a repository with no git at hand: over isomorphic-git, and any file system with promises.
 *
 * Each object is hashed and held against its name. A pack is read into memory whole, once for many objects.
 *
 * @throws {SnapshotError} where there is no repository, or one of a sort that only git reads: see {@link openPlainRepository}
 */
export async function openIsomorphicStore(fs: PortableFileSystem, place: RepositoryPlace): Promise<ObjectReader> {
  return new IsomorphicStore(await openPlainRepository(fs, place));
}

class IsomorphicStore implements ObjectReader {
  readonly format: ObjectFormat;
  readonly #repository: PlainRepository;
  readonly #objects: RawObjectReader;

  constructor(repository: PlainRepository) {
    this.format = repository.format;
    this.#repository = repository;
    this.#objects = new RawObjectReader(repository);
  }

  async readObject(oid: Oid): Promise<GitObject> {
    const { type, body } = await this.#objects.read(oid);
    if (body.length > MAX_OBJECT_BYTES) {
      throw new SnapshotError('git', `object ${oid} is too large to be read whole (${body.length} bytes)`, {
        hint: 'Look at it with "git cat-file".',
      });
    }
    return { oid, type, body: fromByteArray(body) };
  }

  async readObjects(oids: readonly Oid[]): Promise<GitObject[]> {
    const objects: GitObject[] = [];
    for (let i = 0; i < oids.length; i += AT_ONCE) {
      const settled = await Promise.allSettled(oids.slice(i, i + AT_ONCE).map((oid) => this.readObject(oid)));
      for (const result of settled) {
        if (result.status === 'rejected') throw result.reason;
        objects.push(result.value);
      }
    }
    return objects;
  }

  async describeObjects(oids: readonly Oid[]): Promise<ReadonlyMap<Oid, ObjectDescription>> {
    const found = new Map<Oid, ObjectDescription>();
    for (const oid of new Set(oids)) {
      const object = await this.#readIfThere(oid);
      if (object !== undefined) found.set(oid, { type: object.type, size: object.body.length });
    }
    return found;
  }

  async digestBlobs(
    oids: readonly Oid[],
    progress?: Progress,
  ): Promise<{ digests: ReadonlyMap<Oid, BlobDigest>; faults: ReadonlyMap<Oid, string> }> {
    const wanted = [...new Set(oids)];
    const digests = new Map<Oid, BlobDigest>();
    const faults = new Map<Oid, string>();
    // One at a time: each may be large, and hashing is what takes long.
    for (const [i, oid] of wanted.entries()) {
      try {
        const { type, body } = await this.#objects.read(oid);
        if (type !== 'blob') throw new MalformedError(`object ${oid}`, `is a ${type}, not a blob`);
        digests.set(oid, { sha256: sha256Hex(body), size: body.length });
      } catch (error) {
        if (!(error instanceof MissingObjectError) && !(error instanceof MalformedError)) throw error;
        faults.set(oid, error.message);
      }
      if (i % PROGRESS_STEP === PROGRESS_STEP - 1) progress?.(i + 1, wanted.length);
    }
    progress?.(wanted.length, wanted.length);
    return { digests, faults };
  }

  listRefs(prefix: string): Promise<Ref[]> {
    return listRefs(this.#repository, prefix);
  }

  readRef(name: string): Promise<Oid | null> {
    return readRef(this.#repository, name);
  }

  async listChain(tip: Oid): Promise<Oid[]> {
    const { shallow } = this.#repository;
    const chain: Oid[] = [];
    for (let oid: Oid | undefined = tip; oid !== undefined; ) {
      const parent: Oid | undefined = firstParent(await this.readObject(oid), this.format);
      chain.push(oid);
      if (parent !== undefined && shallow.has(oid)) throw new MissingObjectError(parent, { hint: SHALLOW_HINT });
      oid = parent;
    }
    return chain.reverse();
  }

  async listChainAfter(tip: Oid, after: Oid): Promise<Oid[] | undefined> {
    const chain = await this.listChain(tip);
    const place = chain.indexOf(after);
    return place < 0 ? undefined : chain.slice(place + 1);
  }

  async #readIfThere(oid: Oid): Promise<RawObject | undefined> {
    try {
      return await this.#objects.read(oid);
    } catch (error) {
      if (error instanceof MissingObjectError) return undefined;
      throw error;
    }
  }
}

/** @throws {MalformedError} for what is no commit, or does not begin as git begins one */
function firstParent({ oid, type, body }: GitObject, format: ObjectFormat): Oid | undefined {
  if (type !== 'commit') throw new MalformedError(`object ${oid}`, `is a ${type}, not a commit`);
  const [, next, parent] = /^tree [0-9a-f]+\n(parent|author) ([^\n]*)\n/.exec(body) ?? [];
  if (next === 'author') return undefined;
  if (parent !== undefined && isOid(parent, format)) return parent;
  throw new MalformedError(`object ${oid}`, 'is not a commit as git writes it');
}
