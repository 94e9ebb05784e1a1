import type { ByteString } from '../../core/byte-string.ts';
import type { ObjectFormat } from '../../core/oid.ts';
import {
  type HashedFile,
  type HashTask,
  hashFile,
  type OnBytes,
  type PackedFiles,
  type PackTask,
  packFiles,
} from '../ingest/large-files.ts';
import { type PreparedFiles, type PrepareTask, prepareFiles } from '../ingest/prepare-files.ts';
import { PackFiles } from '../pack/pack-files.ts';
import { PackSet } from '../pack/pack-set.ts';
import { type BlobsTask, type ReadBlobs, readPackedBlobs } from '../pack/packed-blobs.ts';
import { WholeBlobs } from '../pack/whole-blobs.ts';

/** Work on objects that a thread can do by itself. */
export type ObjectTask = PrepareTask | HashTask | PackTask | BlobsTask;

/** What each kind of task gives. */
export interface ObjectTaskResults {
  prepare: PreparedFiles;
  hash: HashedFile;
  pack: PackedFiles;
  blobs: ReadBlobs;
}

/** What a thread has to know of the repository. */
export interface ObjectTaskSettings {
  readonly objectDirectory: ByteString;
  readonly format: ObjectFormat;
}

/** Does tasks one after the other, in whatever thread it is made in. */
export class ObjectTaskRunner {
  readonly #format: ObjectFormat;
  readonly #packs: PackSet;
  readonly #packFiles = new PackFiles();
  #wholeBlobs: WholeBlobs | undefined;
  #job: number | undefined;

  constructor({ objectDirectory, format }: ObjectTaskSettings) {
    this.#format = format;
    this.#packs = new PackSet([objectDirectory], format);
  }

  /** @param job - number of the operation that the task is part of: with a new one, the packs are looked for again */
  async run(task: ObjectTask, job: number, onBytes: OnBytes): Promise<ObjectTaskResults[ObjectTask['kind']]> {
    switch (task.kind) {
      case 'prepare':
        if (job !== this.#job) this.#packs.refresh();
        this.#job = job;
        return prepareFiles(task, { format: this.#format, packs: this.#packs });
      case 'hash':
        return hashFile(task, this.#format, onBytes);
      case 'pack':
        return packFiles(task, this.#format, onBytes);
      case 'blobs':
        this.#wholeBlobs ??= new WholeBlobs(this.#format);
        return readPackedBlobs(task, {
          format: this.#format,
          packFiles: this.#packFiles,
          wholeBlobs: this.#wholeBlobs,
        });
    }
  }

  close(): void {
    this.#packFiles.close();
  }
}
