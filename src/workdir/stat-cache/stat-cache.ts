import type { ByteString } from '../../core/byte-string.ts';
import type { BytePath, Entry } from '../../core/entry.ts';
import type { ObjectFormat } from '../../core/oid.ts';
import type { Baseline, CachedEntry, ExcludedPath, FileStat } from '../../core/workdir.ts';
import { lstatIfThere, sameStat } from '../file-stat.ts';
import { nativePath } from '../native-path.ts';
import type { CacheDirectory } from './cache-directory.ts';
import type { Authenticate, CacheFile, CacheState } from './cache-state.ts';
import { decodeState, encodeState, sha256 } from './cache-state.ts';
import { manifestPieces, statFiles } from './content-files.ts';
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
 * not fit together, byte for byte, is as good as absent, and so is what this user's program did not write. No fsync: a
 * torn cache is found out by its digests.
 */
export class StatCache {
  readonly #directory: CacheDirectory;
  readonly #format: ObjectFormat;
  readonly #authenticator: () => Promise<Authenticate | undefined>;
  /** What was read last: a directory is scanned before it is changed and after, over the same cache. */
  #last: { readonly state: CacheState; readonly table: ContentTable } | undefined;
  /** The index as it was read last: while its stat stays, it is the same, and one process need not read it twice. */
  #index: { readonly bytes: Buffer; readonly stat: FileStat; readonly digest: string } | undefined;
  /** What was digested last, which most often is what is written next. */
  #manifest:
    | {
        readonly entries: readonly Omit<Entry, 'oid'>[];
        readonly pieces: readonly Uint8Array[];
        readonly digest: string;
      }
    | undefined;

  /** @param options.authenticator - gives undefined where nothing can be authenticated: then there is no cache */
  constructor(
    directory: CacheDirectory,
    options: { format: ObjectFormat; authenticator: () => Promise<Authenticate | undefined> },
  ) {
    this.#directory = directory;
    this.#format = options.format;
    this.#authenticator = options.authenticator;
  }

  /** Where the index file is, for git to read. */
  get indexFile(): ByteString {
    return this.#directory.pathOf('index');
  }

  /** The state, or undefined if there is none that can be believed. */
  async readState(): Promise<CacheState | undefined> {
    const text = this.#directory.read('state')?.toString('latin1');
    const authenticate = text === undefined ? undefined : await this.#authenticator();
    if (text === undefined || authenticate === undefined) return undefined;
    return decodeState(text, { format: this.#format, authenticate });
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
    const stat = this.indexStat();
    const seen = this.#index;
    if (seen !== undefined && stat !== undefined && seen.digest === state.files.index && sameStat(seen.stat, stat))
      return seen.bytes;
    const bytes = this.#readBound('index', state);
    this.#index = bytes && stat && { bytes, stat, digest: state.files.index };
    return bytes;
  }

  /** The entries of a state. */
  readContent(state: CacheState, index: Buffer): ContentTable | undefined {
    if (this.#last !== undefined && hasSameEntries(this.#last.state, state)) return this.#last.table;
    const manifest = this.#readBound('manifest', state);
    const stats = this.#readBound('stats', state);
    if (manifest === undefined || stats === undefined) return undefined;
    const table = new ContentTable({ manifest, stats, index: index.subarray(INDEX_HEADER_BYTES) }, this.#format);
    this.#last = { state, table };
    return table;
  }

  /** How the index file looks now: another process may put a new one in its place. */
  indexStat(): FileStat | undefined {
    return lstatIfThere(nativePath(this.indexFile));
  }

  /** SHA-256 of the manifest of entries, which are sorted by path. */
  digestManifest(entries: readonly Omit<Entry, 'oid'>[]): string {
    if (this.#manifest?.entries !== entries) {
      const pieces = manifestPieces(entries);
      this.#manifest = { entries, pieces, digest: sha256(...pieces) };
    }
    return this.#manifest.digest;
  }

  /**
   * Writes everything.
   *
   * @param content.entries - sorted by path
   * @param content.sinceMs - what changed from then on is not vouched for
   * @returns whether it could
   */
  async write(
    content: { baseline: Baseline; entries: readonly CachedEntry[]; sinceMs: number } & DirectoryKnowledge,
  ): Promise<boolean> {
    const { baseline, entries, sinceMs, rules } = content;
    return this.#attempt((authenticate) => {
      const manifest = this.digestManifest(entries);
      this.#directory.write('manifest', this.#manifest?.pieces ?? []);
      const { index, stats } = statFiles(entries, { sinceMs, format: this.#format });
      const files = {
        manifest,
        index: this.#write('index', ...index),
        stats: this.#write('stats', stats),
        ...this.#writeKnowledge(content),
      };
      this.#writeState({ baseline, rules, files }, authenticate);
    });
  }

  /** Replaces what is known of directories and keeps the entries. @returns whether it could */
  refresh(state: CacheState, knowledge: DirectoryKnowledge): Promise<boolean> {
    return this.#attempt((authenticate) => {
      const files = { ...state.files, ...this.#writeKnowledge(knowledge) };
      this.#writeState({ ...state, rules: knowledge.rules, files }, authenticate);
    });
  }

  async #attempt(writeAll: (authenticate: Authenticate) => void): Promise<boolean> {
    const authenticate = await this.#authenticator();
    return authenticate !== undefined && this.#directory.attempt(() => writeAll(authenticate));
  }

  #writeKnowledge({ directories, excluded }: DirectoryKnowledge): { directories: string; excluded: string } {
    return {
      directories: this.#write('directories', Buffer.from(encodeDirectories(directories), 'latin1')),
      excluded: this.#write('excluded', Buffer.from(encodeExcluded(excluded), 'latin1')),
    };
  }

  /** Writes one of the files. @returns what binds it to the state */
  #write(name: CacheFile, ...pieces: readonly Uint8Array[]): string {
    this.#directory.write(name, pieces);
    return sha256(...pieces);
  }

  #writeState(state: CacheState, authenticate: Authenticate): void {
    this.#directory.write('state', [Buffer.from(encodeState(state, authenticate), 'latin1')]);
  }

  #readBound(name: CacheFile, state: CacheState): Buffer | undefined {
    const bytes = this.#directory.read(name);
    return bytes !== undefined && sha256(bytes) === state.files[name] ? bytes : undefined;
  }
}

/** Whether two states name the same files of entries, byte for byte. */
function hasSameEntries({ files: a }: CacheState, { files: b }: CacheState): boolean {
  return a.index === b.index && a.manifest === b.manifest && a.stats === b.stats;
}
