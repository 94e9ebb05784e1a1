import type { ByteString } from '../core/byte-string.ts';
import type { ObjectFormat, ObjectType, Oid } from '../core/oid.ts';
import { once } from '../core/once.ts';
import type {
  BlobToRestore,
  GitObject,
  GitStore,
  Ingest,
  ObjectDescription,
  Progress,
  Ref,
  RefUpdate,
  UnsteadyFiles,
} from '../core/ports.ts';
import type { Processes } from '../core/processes.ts';
import type { BlobSource } from './objects/blob-source.ts';
import type { CatFile } from './objects/cat-file.ts';
import { objectName } from './objects/object-name.ts';
import type { Repository } from './open-repository.ts';
import { hasIntents } from './refs/has-intents.ts';
import { listRefs, readRef } from './refs/list-refs.ts';
import type { WorkerPool } from './workers/worker-pool.ts';

/** How a store works. */
export interface GitStoreOptions {
  /** The built script of the worker threads. */
  readonly workerFile: string | URL;
  /** How many worker threads may run; 0: everything in the calling thread. */
  readonly threads: number;
  /** How durable writes are; asked before the first one. Default: {@link DURABLE}. */
  readonly durability?: () => Promise<Durability>;
  /** How long the lock of another process is waited for. */
  readonly lockTimeoutMs?: number;
  /** Tells whether who began with refs is still there; asked where there is such a beginning, and before the first of ours. */
  readonly processes: () => Promise<Processes>;
}

/** What is synced to the disk before it is reported as stored. */
export interface Durability {
  /** Our own objects. */
  readonly fsync: boolean;
  /** `core.fsync` for what git writes; null leaves it to the user's configuration. */
  readonly coreFsync: string | null;
}

/** Everything: objects and refs. */
export const DURABLE: Durability = { fsync: true, coreFsync: 'committed,loose-object,reference' };

const LOCK_TIMEOUT_MS = 5_000;
/** From so many on, one pack is written in less time than a file for each. */
const MANY_OBJECTS = 200;

/** From so many on, looking into packs takes less time than asking git. */
const MANY_DESCRIBED = 512;

/** A store over the git binary. Starts no process and no thread before they are needed; {@link GitStore.close} ends them. */
export function openGitStore(repository: Repository, options: GitStoreOptions): GitStore {
  return new BinaryGitStore(repository, options);
}

class BinaryGitStore implements GitStore {
  readonly format: ObjectFormat;
  readonly #repository: Repository;
  readonly #options: GitStoreOptions;
  /** What reads single objects is loaded when that begins: a listing mostly reads none. */
  readonly #reading = once(async () => {
    const { CatFile } = await import('./objects/cat-file.ts');
    this.#catFile = new CatFile(this.#repository);
    return this.#catFile;
  });
  /** What is needed only to store and restore content is loaded when that begins. */
  readonly #bulk = once(async () => {
    const { WorkerPool } = await import('./workers/worker-pool.ts');
    const { PackSet } = await import('./pack/pack-set.ts');
    const { objectDirectory, borrowed = [], commonDir, place } = this.#repository;
    // In a hook of the server, what is pushed lies apart from what was there. Both are read; nothing is written.
    const isQuarantine = place.env['GIT_QUARANTINE_PATH'] !== undefined;
    const others = isQuarantine ? [`${commonDir}/objects`] : borrowed;
    const { workerFile, threads } = this.#options;
    this.#pool = new WorkerPool({ objectDirectory, format: this.format, workerFile, threads });
    return { pool: this.#pool, packs: new PackSet([objectDirectory, ...others], this.format) };
  });
  readonly #durability = once(async () => (await this.#options.durability?.()) ?? DURABLE);
  /** What others began with refs and could not end is ended before we look at refs. */
  readonly #settled = once(async () => {
    if (!hasIntents(this.#repository)) return;
    const { settleIntents } = await import('./refs/settle-intents.ts');
    await settleIntents(this.#repository, await this.#options.processes());
  });
  #catFile: CatFile | undefined;
  #pool: WorkerPool | undefined;

  constructor(repository: Repository, options: GitStoreOptions) {
    this.format = repository.format;
    this.#repository = repository;
    this.#options = options;
  }

  async readObject(oid: Oid): Promise<GitObject> {
    const [object] = await this.readObjects([oid]);
    if (object === undefined) throw new Error('reading one object gave none');
    return object;
  }

  async readObjects(oids: readonly Oid[]): Promise<GitObject[]> {
    const { readObjects } = await import('./objects/read-objects.ts');
    return readObjects(await this.#reading(), this.format, oids);
  }

  async describeObjects(oids: readonly Oid[]): Promise<ReadonlyMap<Oid, ObjectDescription>> {
    const { describeObjects } = await import('./objects/describe-objects.ts');
    if (oids.length < MANY_DESCRIBED) return describeObjects(this.#repository, oids);
    const { describePacked } = await import('./objects/describe-packed.ts');
    const found = describePacked((await this.#bulk()).packs, oids);
    const others = await describeObjects(
      this.#repository,
      oids.filter((oid) => !found.has(oid)),
    );
    for (const [oid, described] of others) found.set(oid, described);
    return found;
  }

  async digestBlobs(oids: readonly Oid[], progress?: Progress) {
    const { digestBlobs } = await import('./objects/digest-blobs.ts');
    return digestBlobs(await this.#blobSource(), oids, progress);
  }

  async restoreBlobs(blobs: readonly BlobToRestore[], progress?: Progress) {
    const { restoreBlobs } = await import('./objects/restore-blobs.ts');
    return restoreBlobs(await this.#blobSource(), blobs, progress);
  }

  async listRefs(prefix: string): Promise<Ref[]> {
    await this.#settled();
    return listRefs(this.#repository, prefix);
  }

  async readRef(name: string): Promise<Oid | null> {
    await this.#settled();
    return readRef(this.#repository, name);
  }

  async listChain(tip: Oid): Promise<Oid[]> {
    const { listChain } = await import('./refs/list-chain.ts');
    return listChain(this.#repository, (oid) => this.readObject(oid), tip);
  }

  async listChainAfter(tip: Oid, after: Oid): Promise<Oid[] | undefined> {
    const { listChainAfter } = await import('./refs/list-chain.ts');
    return listChainAfter(this.#repository, (oid) => this.readObject(oid), { tip, after });
  }

  async writeObjects(objects: readonly { type: ObjectType; body: ByteString }[]): Promise<Oid[]> {
    const named = objects.map(({ type, body }) => {
      const bytes = Buffer.from(body, 'latin1');
      return { oid: objectName(this.format, type, bytes), type, body: bytes };
    });
    const { fsync } = await this.#durability();
    if (objects.length < MANY_OBJECTS) {
      const { writeLooseObjects } = await import('./objects/loose-objects.ts');
      writeLooseObjects(this.#repository.objectDirectory, named, { fsync });
    } else {
      const { writePackedObjects } = await import('./pack/write-packed.ts');
      writePackedObjects(this.#repository, named, { fsync });
    }
    return named.map(({ oid }) => oid);
  }

  async beginIngest(root: ByteString, options: { store: boolean; unsteady?: UnsteadyFiles }): Promise<Ingest> {
    const { GitIngest } = await import('./ingest/ingest.ts');
    const { fsync } = await this.#durability();
    const tools = { repository: this.#repository, fsync, ...(await this.#bulk()) };
    return new GitIngest(tools, root, options);
  }

  async updateRefs(updates: readonly RefUpdate[], reason: string): Promise<void> {
    const { updateRefs } = await import('./refs/update-refs.ts');
    const { lockTimeoutMs = LOCK_TIMEOUT_MS } = this.#options;
    const processes = await this.#options.processes();
    await this.#settled();
    return updateRefs(
      this.#repository,
      { updates, reason },
      { lockTimeoutMs, processes, ...(await this.#durability()) },
    );
  }

  async close(): Promise<void> {
    await Promise.all([this.#catFile?.close(), this.#pool?.close()]);
  }

  async #blobSource(): Promise<BlobSource> {
    return { catFile: await this.#reading(), format: this.format, ...(await this.#bulk()) };
  }
}
