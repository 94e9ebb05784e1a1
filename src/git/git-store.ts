import type { ByteString } from '../core/byte-string.ts';
import type { ObjectFormat, ObjectType, Oid } from '../core/oid.ts';
import type {
  BlobToRestore,
  GitObject,
  GitStore,
  Ingest,
  ObjectDescription,
  Progress,
  Ref,
  RefUpdate,
} from '../core/ports.ts';
import { type BlobSource, digestBlobs, restoreBlobs } from './blobs.ts';
import { CatFile } from './cat-file.ts';
import { describeObjects } from './describe-objects.ts';
import { GitIngest } from './ingest.ts';
import { listChain } from './list-chain.ts';
import { listRefs, readRef } from './list-refs.ts';
import { writeLooseObjects } from './loose-objects.ts';
import { objectName } from './object-name.ts';
import type { Repository } from './open-repository.ts';
import { PackSet } from './pack-set.ts';
import { readObjects } from './read-objects.ts';
import { updateRefs } from './update-refs.ts';
import { WorkerPool } from './worker-pool.ts';

/** How a store works. */
export interface GitStoreOptions {
  /** The built script of the worker threads. */
  readonly workerFile: string | URL;
  /** How many worker threads may run; 0: everything in the calling thread. */
  readonly threads: number;
  /** Whether objects are synced to the disk before they are reported as stored. Default: true. */
  readonly fsync?: boolean;
  /** `core.fsync` for git's own writes; null leaves it to the user's configuration. */
  readonly coreFsync?: string | null;
  /** How long the lock of another process is waited for. */
  readonly lockTimeoutMs?: number;
}

const CORE_FSYNC = 'committed,loose-object,reference';
const LOCK_TIMEOUT_MS = 5_000;

/** A store over the git binary. Starts no process and no thread before they are needed; {@link GitStore.close} ends them. */
export function openGitStore(repository: Repository, options: GitStoreOptions): GitStore {
  return new BinaryGitStore(repository, options);
}

class BinaryGitStore implements GitStore {
  readonly format: ObjectFormat;
  readonly #repository: Repository;
  readonly #options: GitStoreOptions;
  readonly #catFile: CatFile;
  readonly #pool: WorkerPool;
  readonly #packs: PackSet;

  constructor(repository: Repository, options: GitStoreOptions) {
    this.format = repository.format;
    this.#repository = repository;
    this.#options = options;
    this.#catFile = new CatFile(repository);
    this.#packs = new PackSet(repository.objectDirectory, repository.format);
    this.#pool = new WorkerPool({
      objectDirectory: repository.objectDirectory,
      format: repository.format,
      workerFile: options.workerFile,
      threads: options.threads,
    });
  }

  async readObject(oid: Oid): Promise<GitObject> {
    const [object] = await this.readObjects([oid]);
    if (object === undefined) throw new Error('reading one object gave none');
    return object;
  }

  readObjects(oids: readonly Oid[]): Promise<GitObject[]> {
    return readObjects(this.#catFile, this.format, oids);
  }

  describeObjects(oids: readonly Oid[]): Promise<ReadonlyMap<Oid, ObjectDescription>> {
    return describeObjects(this.#repository, oids);
  }

  digestBlobs(oids: readonly Oid[], progress?: Progress) {
    return digestBlobs(this.#blobSource, oids, progress);
  }

  restoreBlobs(blobs: readonly BlobToRestore[], progress?: Progress) {
    return restoreBlobs(this.#blobSource, blobs, progress);
  }

  listRefs(prefix: string): Promise<Ref[]> {
    return listRefs(this.#repository, prefix);
  }

  readRef(name: string): Promise<Oid | null> {
    return readRef(this.#repository, name);
  }

  listChain(tip: Oid): Promise<Oid[]> {
    return listChain(this.#repository, (oid) => this.readObject(oid), tip);
  }

  async writeObjects(objects: readonly { type: ObjectType; body: ByteString }[]): Promise<Oid[]> {
    const named = objects.map(({ type, body }) => {
      const bytes = Buffer.from(body, 'latin1');
      return { oid: objectName(this.format, type, bytes), type, body: bytes };
    });
    writeLooseObjects(this.#repository.objectDirectory, named, { fsync: this.#fsync });
    return named.map(({ oid }) => oid);
  }

  beginIngest(root: ByteString, options: { store: boolean }): Ingest {
    const tools = {
      repository: this.#repository,
      pool: this.#pool,
      packs: this.#packs,
      fsync: this.#fsync,
    };
    return new GitIngest(tools, root, options);
  }

  updateRefs(updates: readonly RefUpdate[], reason: string): Promise<void> {
    const { coreFsync = CORE_FSYNC, lockTimeoutMs = LOCK_TIMEOUT_MS } = this.#options;
    return updateRefs(this.#repository, { updates, reason }, { coreFsync, lockTimeoutMs, fsync: this.#fsync });
  }

  async close(): Promise<void> {
    await Promise.all([this.#catFile.close(), this.#pool.close()]);
  }

  get #fsync(): boolean {
    return this.#options.fsync ?? true;
  }

  get #blobSource(): BlobSource {
    return { catFile: this.#catFile, pool: this.#pool, packs: this.#packs, format: this.format };
  }
}
