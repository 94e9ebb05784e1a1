import { createHash, timingSafeEqual } from 'node:crypto';
import { isOid, type ObjectFormat } from '../../core/oid.ts';
import type { Baseline } from '../../core/workdir.ts';

const TITLE = 'git-snapshot stat cache 4';

// In the order of the lines. A state binds them together.
const CACHE_FILES = ['index', 'manifest', 'stats', 'directories', 'excluded'] as const;
/** Gives the code of a text that only this user can make. */
export type Authenticate = (text: string) => string;

/** One of the files that a state binds together. */
export type CacheFile = (typeof CACHE_FILES)[number];

/** Written last: what the other files of the cache must be, and what they describe. */
export interface CacheState {
  readonly baseline: Baseline;
  /** SHA-256 of the rules that do not stand in the directory itself. */
  readonly rules: string;
  /** SHA-256 of each file. */
  readonly files: Readonly<Record<CacheFile, string>>;
}

/** One line a field; the last is the code of those before it. */
export function encodeState({ baseline, rules, files }: CacheState, authenticate: Authenticate): string {
  const lines = [
    TITLE,
    `tag ${baseline.tag}`,
    `tree ${baseline.tree}`,
    `manifest ${baseline.manifest}`,
    `files ${baseline.files}`,
    `bytes ${baseline.bytes}`,
    `rules ${rules}`,
    ...CACHE_FILES.map((name) => `${name} ${files[name]}`),
  ];
  const body = `${lines.join('\n')}\n`;
  return `${body}end ${authenticate(body)}\n`;
}

/** Reads a state, or gives undefined for any other text, such as one that somebody else wrote. */
export function decodeState(
  text: string,
  { format, authenticate }: { format: ObjectFormat; authenticate: Authenticate },
): CacheState | undefined {
  const values = text.split('\n').map((line) => line.slice(line.indexOf(' ') + 1));
  const [, tag = '', tree = '', manifest = '', files = '', bytes = '', rules = '', ...digests] = values;
  const [index = '', entries = '', stats = '', directories = '', excluded = ''] = digests;
  if (!isOid(tag, format) || !isOid(tree, format)) return undefined;
  const state = {
    baseline: { tag, tree, manifest, files: Number(files), bytes: Number(bytes) },
    rules,
    files: { index, manifest: entries, stats, directories, excluded },
  };
  // The title, the names of the fields, their order and the code, all at once.
  return isSame(encodeState(state, authenticate), text) ? state : undefined;
}

/** Takes as long wherever the two differ, so that a code cannot be guessed digit by digit. */
function isSame(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** 64 hexadecimal digits, of pieces as if they were one. */
export function sha256(...pieces: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return hash.digest('hex');
}
