import type { Entry } from '../entry.ts';
import { DIRECTORY, fileType, SYMLINK } from '../entry.ts';

/** Files and bytes of one kind. */
export interface KindCount {
  readonly kind: string;
  readonly files: number;
  readonly bytes: number;
}

const EXTENSIONS: Readonly<Record<string, string>> = {
  model: 'safetensors onnx pt pth ckpt gguf ggml tflite pb keras pkl joblib mlmodel npz npy',
  data: 'csv tsv parquet arrow feather avro orc jsonl ndjson sqlite db h5 hdf5',
  schema: 'proto avsc xsd graphql thrift',
  config: 'json yaml yml toml ini conf cfg env properties xml',
  document: 'md txt rst adoc html htm pdf',
  prompt: 'prompt jinja j2 tmpl mustache hbs',
  code: 'js mjs cjs ts tsx jsx py rb go rs java c h cc cpp cs php sh sql css wat',
  binary: 'exe dll so dylib a o class wasm bin',
  archive: 'zip tar gz tgz bz2 xz zst 7z jar war whl deb rpm apk nupkg gem crate',
  image: 'png jpg jpeg gif webp svg ico avif bmp tiff',
  media: 'mp3 mp4 wav ogg webm mov flac',
  font: 'ttf otf woff woff2',
  signature: 'sig asc pem crt cer sha256 sha512 intoto sbom spdx',
};

const KIND_OF = new Map(
  Object.entries(EXTENSIONS).flatMap(([kind, names]) => names.split(' ').map((name) => [name, kind] as const)),
);

/** The kind of a directory that holds nothing: it is counted among the kinds, and is no file. */
export const EMPTY_DIRECTORY = 'empty directory';

/** What a path seems to be, by its last extension: for people's overview, decides nothing. */
export function kindOf({ path, mode }: Pick<Entry, 'path' | 'mode'>): string {
  if (fileType(mode) === SYMLINK) return 'link';
  if (fileType(mode) === DIRECTORY) return EMPTY_DIRECTORY;
  const name = path.slice(path.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  return (dot > 0 && KIND_OF.get(name.slice(dot + 1).toLowerCase())) || 'other';
}

/** Counts by kind, most bytes first. */
export function countKinds(entries: Iterable<Pick<Entry, 'path' | 'mode' | 'size'>>): KindCount[] {
  const counts = new Map<string, { files: number; bytes: number }>();
  for (const entry of entries) {
    const kind = kindOf(entry);
    let count = counts.get(kind);
    if (count === undefined) {
      count = { files: 0, bytes: 0 };
      counts.set(kind, count);
    }
    count.files += 1;
    count.bytes += entry.size;
  }
  return [...counts]
    .map(([kind, count]) => ({ kind, ...count }))
    .sort((a, b) => b.bytes - a.bytes || b.files - a.files || (a.kind < b.kind ? -1 : 1));
}
