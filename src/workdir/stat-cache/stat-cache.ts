import type { ByteString } from '../../core/byte-string.ts';
import type { BytePath } from '../../core/entry.ts';
import type { ObjectFormat } from '../../core/oid.ts';
import type { Baseline, CachedEntry, ExcludedPath, FileStat } from '../../core/workdir.ts';
import { lstatIfThere } from '../file-stat.ts';
import { nativePath } from '../native-path.ts';
import type { CacheDirectory } from './cache-directory.ts';
import { type CacheFile, type CacheState, decodeState, encodeState, sha256 } from './cache-state.ts';
import { encodeContentFiles } from './content-files.ts';
import { ContentTable } from './content-table.ts';
import { type CachedDirectory, decodeDirectories, encodeDirectories } from './directory-table.ts';
import { decodeExcluded, encodeExcluded } from './excluded-list.ts';
import { INDEX_HEADER_BYTES } from './index-file.ts';

/** What a scan learns about directories, beside the entries. */
export interface DirectoryKnowledge {
  readonly directories: ReadonlyMap<BytePath, CachedDirectory>;
  readonly excluded: readonly ExcludedPath[];
  readonly rules: string;
}

/**
 * The stat cache of one directory: what its files were when they were last read, and how they looked.
 *
 * It may only save time. It says of a file "unchanged since we read it", and nothing that verifies goes by it. What does
 * not fit together, byte for byte, is as good as absent. No fsync: a torn cache is found out by its digests.
 */
export class StatCache {
  readonly #directory: CacheDirectory;
  readonly #format: ObjectFormat;

  constructor(directory: CacheDirectory, format: ObjectFormat) {
    this.#directory = directory;
    this.#format = format;
  }

  /** Where the index file is, for git to read. */
  get indexFile(): ByteString {
    return this.#directory.pathOf('index');
  }

  /** The state, or undefined if there is none that can be believed. */
  readState(): CacheState | undefined {
    const text = this.#directory.read('state');
    return text === undefined ? undefined : decodeState(text.toString('latin1'), this.#format);
  }

  /** The directories of a state, or undefined if the file is not the one that the state names. */
  readDirectories(state: CacheState): Map<BytePath, CachedDirectory> | undefined {
    const text = this.#readBound('directories', state);
    return text && decodeDirectories(text.toString('latin1'), this.#format);
  }

  /** What the scan of a state left out. */
  readExcluded(state: CacheState): ExcludedPath[] | undefined {
    const text = this.#readBound('excluded', state);
    return text && decodeExcluded(text.toString('latin1'));
  }

  /** The index file, if it is the one that the state names. A flipped bit of it could make git overlook a file. */
  readIndex(state: CacheState): Buffer | undefined {
    return this.#readBound('index', state);
  }

  /** The entries of a state. */
  readContent(state: CacheState, index: Buffer): ContentTable | undefined {
    const content = this.#readBound('content', state);
    const stats = this.#readBound('stats', state);
    if (content === undefined || stats === undefined) return undefined;
    return new ContentTable({ content, stats, index: index.subarray(INDEX_HEADER_BYTES) }, this.#format);
  }

  /** How the index file looks now: another process may put a new one in its place. */
  indexStat(): FileStat | undefined {
    return lstatIfThere(nativePath(this.indexFile));
  }

  /**
   * Writes everything.
   *
   * @param content.entries - sorted by path
   * @param content.sinceMs - what changed from then on is not vouched for
   * @returns whether it could
   */
  write(
    content: { baseline: Baseline; entries: readonly CachedEntry[]; sinceMs: number } & DirectoryKnowledge,
  ): boolean {
    const { baseline, entries, sinceMs, rules } = content;
    return this.#directory.attempt(() => {
      const encoded = encodeContentFiles(entries, { sinceMs, format: this.#format });
      const files = {
        index: this.#write('index', encoded.index),
        content: this.#write('content', encoded.content),
        stats: this.#write('stats', encoded.stats),
        ...this.#writeKnowledge(content),
      };
      this.#writeState({ baseline, rules, files });
    });
  }

  /** Replaces what is known of directories and keeps the entries. @returns whether it could */
  refresh(state: CacheState, knowledge: DirectoryKnowledge): boolean {
    return this.#directory.attempt(() => {
      const files = { ...state.files, ...this.#writeKnowledge(knowledge) };
      this.#writeState({ ...state, rules: knowledge.rules, files });
    });
  }

  #writeKnowledge({ directories, excluded }: DirectoryKnowledge): { directories: string; excluded: string } {
    return {
      directories: this.#write('directories', Buffer.from(encodeDirectories(directories), 'latin1')),
      excluded: this.#write('excluded', Buffer.from(encodeExcluded(excluded), 'latin1')),
    };
  }

  /** Writes one of the files. @returns what binds it to the state */
  #write(name: CacheFile, bytes: Uint8Array): string {
    this.#directory.write(name, bytes);
    return sha256(bytes);
  }

  #writeState(state: CacheState): void {
    this.#directory.write('state', Buffer.from(encodeState(state), 'latin1'));
  }

  #readBound(name: CacheFile, state: CacheState): Buffer | undefined {
    const bytes = this.#directory.read(name);
    return bytes !== undefined && sha256(bytes) === state.files[name] ? bytes : undefined;
  }
}
