import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import type { Ignore, Options } from 'ignore';
import { type ByteString, displayBytes } from '../../core/byte-string.ts';
import type { BytePath } from '../../core/entry.ts';
import { SnapshotError } from '../../core/errors.ts';
import { IGNORE_FILE } from '../../core/snapshot/ignore-file.ts';
import type { ExcludedPath } from '../../core/workdir.ts';
import { errorCode } from '../file-stat.ts';
import { childPath, nativePath, parentOf, pathBelow } from '../native-path.ts';

const MAX_IGNORE_FILE_BYTES = 1 << 20;
/** Nothing there, a link, a socket, or a path so long that the walk refuses what is in the directory. */
const NO_IGNORE_FILE: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO', 'ENAMETOOLONG']);
const UTF8_BOM = '\xef\xbb\xbf';

/** Content of the ignore file at a path of the set; undefined if there is none. */
export type IgnoreFileReader = (path: BytePath) => ByteString | undefined;

/** Makes an empty matcher: the library, which callers load when they come to need it. */
export type MatcherFactory = (options: Options) => Ignore;

/** Rules that stand in one directory and count for all below it. */
interface Level {
  /** Length of the directory's path with its slash: what to cut from a path to match it here. */
  readonly prefixLength: number;
  readonly matcher: Ignore;
}

/** The rules that count in one directory: those of `levels` from the last to the first, and the first that speaks decides. */
export interface DirectoryRules {
  readonly levels: readonly Level[];
}

/**
 * Which paths are left out: gitignore syntax and precedence, by byte, case-sensitive. The policy's patterns are as if
 * they stood at the top of the root's ignore file.
 */
export class IgnoreRules {
  readonly #read: IgnoreFileReader;
  readonly #exclude: readonly ByteString[];
  readonly #createMatcher: MatcherFactory;
  readonly #directories = new Map<BytePath, DirectoryRules>();

  constructor(options: { read: IgnoreFileReader; exclude: readonly ByteString[]; createMatcher: MatcherFactory }) {
    this.#read = options.read;
    this.#exclude = options.exclude;
    this.#createMatcher = options.createMatcher;
  }

  /** The rules in `directory`, which must not be excluded itself. Reads the ignore files there and above it, once. */
  in(directory: BytePath): DirectoryRules {
    const found = this.#directories.get(directory);
    if (found !== undefined) return found;
    const patterns = this.#readPatterns(directory);
    let rules: DirectoryRules;
    if (directory === '') {
      const exclude = this.#exclude.map((pattern) => ({ pattern, mark: 'policy' }));
      rules = { levels: this.#levels(0, [...exclude, ...patterns]) };
    } else {
      const above = this.#reopen(this.in(parentOf(directory)), directory);
      const own = this.#levels(directory.length + 1, patterns);
      rules = own.length === 0 ? above : { levels: [...above.levels, ...own] };
    }
    this.#directories.set(directory, rules);
    return rules;
  }

  #levels(prefixLength: number, patterns: readonly PatternLine[]): Level[] {
    if (!patterns.some(({ pattern }) => pattern !== '' && !pattern.startsWith('#'))) return [];
    return [{ prefixLength, matcher: this.#createMatcher({ ignoreCase: false }).add(patterns) }];
  }

  /**
   * The library takes everything below an ignored directory for ignored, which holds for one ignore file. Where a
   * deeper file has brought the directory back, the levels that still ignore it must be told, or they would speak for
   * what is below it though none of their patterns matches there.
   */
  #reopen(rules: DirectoryRules, directory: BytePath): DirectoryRules {
    const isAgainst = ({ prefixLength, matcher }: Level) => matcher.ignores(`${directory.slice(prefixLength)}/`);
    if (!rules.levels.some(isAgainst)) return rules;
    const levels = rules.levels.map((level) => {
      if (!isAgainst(level)) return level;
      const literal = directory.slice(level.prefixLength).replace(/[\\*?[\] ]/g, '\\$&');
      const exception = { pattern: `!/${literal}/`, mark: '' };
      return { ...level, matcher: this.#createMatcher({ ignoreCase: false }).add(level.matcher).add(exception) };
    });
    return { levels };
  }

  #readPatterns(directory: BytePath): PatternLine[] {
    const path = childPath(directory, IGNORE_FILE);
    const text = this.#read(path);
    if (text === undefined) return [];
    const body = text.startsWith(UTF8_BOM) ? text.slice(UTF8_BOM.length) : text;
    // Git's lines are C strings: a NUL ends the pattern.
    return body.split('\n').map((line) => ({ pattern: line.split('\0')[0] ?? '', mark: path }));
  }
}

interface PatternLine {
  readonly pattern: ByteString;
  /** Where it stands. */
  readonly mark: string;
}

/**
 * The rule that leaves a path out, or undefined.
 *
 * @param path - in the directory that `rules` are for
 */
export function findExclusion(rules: DirectoryRules, path: BytePath, directory: boolean): ExcludedPath | undefined {
  for (let i = rules.levels.length - 1; i >= 0; i--) {
    const level = rules.levels[i];
    if (level === undefined) continue;
    const local = path.slice(level.prefixLength);
    const { ignored, unignored, rule } = level.matcher.test(directory ? `${local}/` : local);
    if (ignored) return { path, directory, pattern: rule?.pattern.trimEnd() ?? '', source: rule?.mark ?? '' };
    if (unignored) return undefined;
  }
  return undefined;
}

/** Reads the ignore files of a directory from the disk. */
export function ignoreFilesIn(root: ByteString): IgnoreFileReader {
  return (path) => readIgnoreFile(pathBelow(root, path), path);
}

/** The bytes of an ignore file, or undefined if there is none. As in git, a link is no ignore file. */
function readIgnoreFile(absolute: ByteString, path: BytePath): ByteString | undefined {
  let fd: number;
  try {
    // Without NONBLOCK, opening a FIFO of that name would wait for ever.
    fd = openSync(nativePath(absolute), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const code = errorCode(error);
    if (code === undefined) throw error;
    if (NO_IGNORE_FILE.has(code)) return undefined;
    throw new SnapshotError('config', `cannot read '${displayBytes(path)}': ${code}`, { cause: error });
  }
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile()) return undefined;
    if (stats.size > MAX_IGNORE_FILE_BYTES) {
      throw new SnapshotError('config', `'${displayBytes(path)}' is larger than ${MAX_IGNORE_FILE_BYTES} bytes`);
    }
    return readFileSync(fd, 'latin1');
  } finally {
    closeSync(fd);
  }
}
