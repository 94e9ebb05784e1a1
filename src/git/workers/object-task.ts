import type { ByteString } from '../../core/byte-string.ts';
import type { ObjectFormat } from '../../core/oid.ts';
import {
  type HashResult,
  type HashTask,
  hashFile,
  type OnBytes,
  type PackedFiles,
  type PackTask,
  packFiles,
} from '../ingest/large-files.ts';
import { type PreparedFiles, type PrepareTask, prepareFiles } from '../ingest/prepare-files.ts';
import { ContentRoom } from '../objects/content-room.ts';
import { type DeflateInto, openDeflate } from '../pack/deflater.ts';
import { type Inflate, openInflate } from '../pack/inflater.ts';
import { PackFiles } from '../pack/pack-files.ts';
import { PackSet } from '../pack/pack-set.ts';
import { type BlobsTask, type ReadBlobs, readPackedBlobs } from '../pack/packed-blobs.ts';

/** Work on objects that a thread can do by itself. */
export type ObjectTask = PrepareTask | HashTask | PackTask | BlobsTask;

/** What each kind of task gives. */
export interface ObjectTaskResults {
  prepare: PreparedFiles;
  hash: HashResult;
  pack: PackedFiles;
  blobs: ReadBlobs;
}

/** What a thread has to know of the repository. */
export interface ObjectTaskSettings {
  readonly objectDirectory: ByteString;
  readonly format: ObjectFormat;
}

// It grows when there is larger content.
const FIRST_BYTES = 64 * 1024;

/** Does tasks one after the other, in whatever thread it is made in. */
export class ObjectTaskRunner {
  readonly #format: ObjectFormat;
  readonly #packs: PackSet;
  readonly #packFiles = new PackFiles();
  readonly #room: ContentRoom;
  #inflate: Inflate | undefined;
  #deflateInto: DeflateInto | undefined;
  #job: number | undefined;

  constructor({ objectDirectory, format }: ObjectTaskSettings) {
    this.#format = format;
    this.#packs = new PackSet([objectDirectory], format);
    this.#room = new ContentRoom(format, FIRST_BYTES);
  }

  /** @param job - number of the operation that the task is part of: with a new one, the packs are looked for again */
  async run(task: ObjectTask, job: number, onBytes: OnBytes): Promise<ObjectTaskResults[ObjectTask['kind']]> {
    switch (task.kind) {
      case 'prepare':
        if (task.store && job !== this.#job) this.#packs.refresh();
        this.#job = job;
        this.#deflateInto ??= openDeflate();
        return prepareFiles(task, {
          format: this.#format,
          packs: this.#packs,
          room: this.#room,
          deflateInto: this.#deflateInto,
        });
      case 'hash':
        return { kind: 'hash', file: hashFile(task, this.#format, onBytes) };
      case 'pack':
        return packFiles(task, this.#format, onBytes);
      case 'blobs':
        this.#inflate ??= openInflate();
        return readPackedBlobs(task, {
          format: this.#format,
          packFiles: this.#packFiles,
          inflate: this.#inflate,
          room: this.#room,
        });
    }
  }

  close(): void {
    this.#packFiles.close();
  }
}
