import type { ByteString } from '../../core/byte-string.ts';
import type { ObjectType, Oid } from '../../core/oid.ts';
import type { FileToIngest, Ingest, IngestedFile, Progress, UnsteadyFiles } from '../../core/ports.ts';
import { readFile } from '../files/read-file.ts';
import { writeLooseObjects } from '../objects/loose-objects.ts';
import { markPresent } from '../objects/mark-objects.ts';
import { nameContent, objectEntry } from '../objects/object-entry.ts';
import { objectName } from '../objects/object-name.ts';
import type { Repository } from '../open-repository.ts';
import { LARGE_BYTES } from '../pack/pack-format.ts';
import type { PackSet } from '../pack/pack-set.ts';
import { PackWriter } from '../pack/pack-writer.ts';
import { discardPack, publishPacks, type SealedPack } from '../pack/publish-packs.ts';
import { progressMeter } from '../workers/progress-meter.ts';
import type { WorkerPool } from '../workers/worker-pool.ts';
import { ingestLarge } from './ingest-large.ts';
import { ingestMany, type SmallFile } from './ingest-many.ts';

/** What an ingest works with. */
export interface IngestTools {
  readonly repository: Repository;
  readonly pool: WorkerPool;
  readonly packs: PackSet;
  readonly fsync: boolean;
}

// Up to here, objects are held in memory and written as loose ones: a pack for each small change would make git slow.
const MAX_LOOSE_OBJECTS = 32;
const MAX_LOOSE_BYTES = 16 * 1024 * 1024;

/** Takes in the files of `root`: see the port. One pack for small files and trees, at most one a thread for large files. */
export class GitIngest implements Ingest {
  readonly #tools: IngestTools;
  readonly #root: ByteString;
  readonly #store: boolean;
  readonly #unsteady: UnsteadyFiles;
  /** Objects that this ingest has stored, or will store when it is finished. */
  readonly #stored = new Set<Oid>();
  #loose: { oid: Oid; type: ObjectType; body: Buffer }[] = [];
  #looseBytes = 0;
  #writer: PackWriter | undefined;
  #sealed: SealedPack[] = [];
  #ended = false;

  constructor(
    tools: IngestTools,
    root: ByteString,
    { store, unsteady = 'refuse' }: { store: boolean; unsteady?: UnsteadyFiles },
  ) {
    this.#tools = tools;
    this.#root = root;
    this.#store = store;
    this.#unsteady = unsteady;
  }

  async addFiles(files: readonly FileToIngest[], progress?: Progress): Promise<IngestedFile[]> {
    this.#checkOpen();
    const few = files.length + this.#loose.length <= MAX_LOOSE_OBJECTS && this.#writer === undefined;
    const meter = progressMeter(progress, files.length);
    const small = few ? this.#addFew(files, meter) : await this.#addMany(files, meter);
    const large = files.flatMap((file, i) => (small[i] === 'large' ? [{ i, file }] : []));
    if (large.length > 0) {
      const { files: ingested, packs } = await ingestLarge(
        {
          ...this.#tools,
          root: this.#root,
          store: this.#store,
          unsteady: this.#unsteady,
          stored: this.#stored,
          meter,
        },
        large.map(({ file }) => file),
      );
      this.#sealed.push(...packs);
      for (const [k, { i }] of large.entries()) small[i] = ingested[k] ?? 'gone';
    }
    return small.filter((file) => file !== 'gone' && file !== 'large');
  }

  addObject(type: ObjectType, body: ByteString): Oid {
    this.#checkOpen();
    const bytes = Buffer.from(body, 'latin1');
    const oid = objectName(this.#tools.repository.format, type, bytes);
    if (this.#store) this.#keep(oid, type, bytes);
    return oid;
  }

  async finish(): Promise<void> {
    this.#checkOpen();
    const { repository, fsync } = this.#tools;
    if (this.#writer !== undefined && this.#writer.entries > 0) this.#sealed.push(this.#writer.seal());
    else this.#writer?.abandon();
    publishPacks(repository.objectDirectory, this.#sealed, { fsync });
    this.#sealed = [];
    this.#writer = undefined;
    const present = await markPresent(
      this.#tools,
      this.#loose.map(({ oid }) => oid),
    );
    const missing = this.#loose.filter(({ oid }) => !present.has(oid));
    writeLooseObjects(repository.objectDirectory, missing, { fsync });
    this.#loose = [];
    this.#ended = true;
  }

  async abandon(): Promise<void> {
    this.#ended = true;
    this.#writer?.abandon();
    this.#writer = undefined;
    for (const pack of this.#sealed.splice(0)) discardPack(pack);
    this.#loose = [];
  }

  #addFew(files: readonly FileToIngest[], meter: (more: number) => void): SmallFile[] {
    const { format } = this.#tools.repository;
    const buffer = Buffer.allocUnsafe(LARGE_BYTES + 1);
    return files.map(({ path, knownOid }) => {
      const file = readFile({ root: this.#root, path, unsteady: this.#unsteady }, buffer);
      if (file === undefined) return 'gone';
      const { content, stat } = file;
      if (content === undefined) return 'large';
      const { oid, sha256 } = nameContent(format, content);
      if (this.#store && oid !== knownOid) this.#keep(oid, 'blob', content);
      meter(1);
      return { path, oid, sha256, size: content.length, mode: stat.mode, stat };
    });
  }

  #addMany(files: readonly FileToIngest[], meter: (more: number) => void): Promise<SmallFile[]> {
    const writer = this.#store ? this.#packWriter() : undefined;
    const unsteady = this.#unsteady;
    return ingestMany(
      { pool: this.#tools.pool, root: this.#root, writer, unsteady, stored: this.#stored, meter },
      files,
    );
  }

  #keep(oid: Oid, type: ObjectType, body: Uint8Array): void {
    if (this.#stored.has(oid)) return;
    this.#stored.add(oid);
    if (this.#writer === undefined && this.#loose.length < MAX_LOOSE_OBJECTS && this.#looseBytes < MAX_LOOSE_BYTES) {
      // A copy: the next file is read into the same memory.
      this.#loose.push({ oid, type, body: Buffer.from(body) });
      this.#looseBytes += body.length;
    } else this.#packWriter().addEntry(oid, objectEntry(type, body));
  }

  #packWriter(): PackWriter {
    if (this.#writer === undefined) {
      const { repository, fsync } = this.#tools;
      const { objectDirectory, format } = repository;
      this.#writer = new PackWriter({ objectDirectory, format, fsync });
      for (const { oid, type, body } of this.#loose) this.#writer.addEntry(oid, objectEntry(type, body));
      this.#loose = [];
      this.#looseBytes = 0;
    }
    return this.#writer;
  }

  #checkOpen(): void {
    if (this.#ended) throw new Error('the ingest has ended');
  }
}
