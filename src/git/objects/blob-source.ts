import type { ObjectFormat } from '../../core/oid.ts';
import type { CatFile } from './cat-file.ts';
import type { PackedSource } from './read-packed.ts';

/** How blobs are read: by threads straight from packs, and by git whatever those leave. */
export interface BlobSource extends PackedSource {
  readonly catFile: CatFile;
  readonly format: ObjectFormat;
}
