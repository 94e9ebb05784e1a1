import type { ByteString } from './byte-string.ts';
import { type BytePath, DIRECTORY, FILE, fileType } from './entry.ts';

/** Longest path in a snapshot, in bytes. */
export const MAX_PATH_BYTES = 4096;
/** Most names in a path. */
export const MAX_PATH_DEPTH = 512;
/** Most entries of a snapshot. */
export const MAX_ENTRIES = 10_000_000;

// In bytes of UTF-8: the code points that HFS+ leaves out when it compares names, and any that git takes for valid.
const HFS_IGNORABLE = '(?:\\xe2\\x80[\\x8c-\\x8f\\xaa-\\xae]|\\xe2\\x81[\\xaa-\\xaf]|\\xef\\xbb\\xbf)*';
const NEXT = '[\\x80-\\xbf]';
const VALID_UTF8 = [
  '[\\x00-\\x7f]',
  `[\\xc2-\\xdf]${NEXT}`,
  `(?!\\xe0[\\x80-\\x9f]|\\xed[\\xa0-\\xbf]|\\xef\\xbf[\\xbe\\xbf])[\\xe0-\\xef]${NEXT}${NEXT}`,
  `(?!\\xf0[\\x80-\\x8f]|\\xf4[\\x90-\\xbf])[\\xf0-\\xf4]${NEXT}${NEXT}${NEXT}`,
].join('|');

/**
 * Why a name cannot be one part of a path in a snapshot, or undefined if it can.
 *
 * Refuses what `git fsck --strict` refuses, for all systems alike: a snapshot that is taken here must be safe to put
 * back on a file system that ignores case, drops trailing dots or knows `git~1`.
 */
export function refusePathName(name: ByteString): string | undefined {
  if (name === '') return 'an empty name';
  if (name.length > MAX_PATH_BYTES) return `a name of more than ${MAX_PATH_BYTES} bytes`;
  if (name === '.' || name === '..') return `the name '${name}'`;
  if (name.includes('\0')) return 'a NUL in the name';
  if (name.includes('/')) return 'a slash in the name';
  if (isDotName(name, GIT)) return "a name that some systems take for '.git'";
  return undefined;
}

/**
 * Why an entry cannot be in a snapshot because of its name, or of its name and type.
 *
 * Git reads `.gitmodules` and `.gitattributes` of any tree as files, so its fsck refuses directories of these names,
 * and a link for the former.
 *
 * @param mode - with the type bits; any directory counts, empty or not
 */
export function refuseEntryName(name: ByteString, mode: number): string | undefined {
  const reason = refusePathName(name);
  if (reason !== undefined || fileType(mode) === FILE) return reason;
  const specials = fileType(mode) === DIRECTORY ? [GITMODULES, GITATTRIBUTES] : [GITMODULES];
  for (const special of specials) {
    if (isDotName(name, special)) return `a name that some systems take for '.${special.name}', and no regular file`;
  }
  return undefined;
}

/** Why a whole path cannot be in a snapshot, or undefined if it can. Looks at each of its names. */
export function refusePath(path: BytePath): string | undefined {
  if (path.length > MAX_PATH_BYTES) return `a path of more than ${MAX_PATH_BYTES} bytes`;
  const names = path.split('/');
  if (names.length > MAX_PATH_DEPTH) return `a path of more than ${MAX_PATH_DEPTH} names`;
  for (const name of names) {
    const reason = refusePathName(name);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

/**
 * Why a symbolic link may lead out of the directory that it is in, or undefined if it cannot.
 *
 * Only leading `..` are counted: they climb real directories. After a name, `..` may be the parent of anything, since
 * that name may be a link too, so it is refused. With that, no chain of links inside the set can leave it.
 *
 * @param path - of the link, in the set
 * @param target - what the link says
 */
export function refuseLinkTarget(path: BytePath, target: ByteString): string | undefined {
  if (target.startsWith('/')) return 'a link to an absolute path';
  let level = path.split('/').length - 1;
  let climbing = true;
  for (const name of target.split('/')) {
    if (name === '' || name === '.') continue;
    if (name !== '..') climbing = false;
    else if (!climbing) return "a link with '..' after a name";
    else if (--level < 0) return 'a link that leads out of the set';
  }
  return undefined;
}

interface DotName {
  readonly name: string;
  /** What HFS+ takes for the name, and, as in git, the name with bytes after it that are not UTF-8. */
  readonly hfs: RegExp;
  /** The first six characters of the short name that NTFS makes from a hash, when plain ones are taken. */
  readonly hashed: string | undefined;
  /** How many `~n` follow the plain start of the name before NTFS turns to hashes. */
  readonly plainCount: number;
}

// Only `git~1` counts for `.git`, as in git: it is the name that NTFS gives where nothing else begins with "git".
const GIT: DotName = { name: 'git', hfs: hfsPattern('git'), hashed: undefined, plainCount: 1 };
const GITMODULES: DotName = { name: 'gitmodules', hfs: hfsPattern('gitmodules'), hashed: 'gi7eba', plainCount: 4 };
const GITATTRIBUTES: DotName = {
  name: 'gitattributes',
  hfs: hfsPattern('gitattributes'),
  hashed: 'gi7d29',
  plainCount: 4,
};

function hfsPattern(name: string): RegExp {
  const letters = ['\\.', ...name].map((letter) => HFS_IGNORABLE + letter).join('');
  return new RegExp(`^${letters}${HFS_IGNORABLE}(?:$|(?!${VALID_UTF8}))`, 'i');
}

// Every name of these begins, or goes on after a backslash, with a dot, with the g of a short name, or with what HFS+
// leaves out. Most names do not, and a set has many.
const PERHAPS_DOT_NAME = /^[.gG\x80-\xff]|\\/;

function isDotName(name: ByteString, special: DotName): boolean {
  if (!PERHAPS_DOT_NAME.test(name)) return false;
  // What Windows would split at a backslash is several names there.
  return special.hfs.test(name) || name.split('\\').some((part) => isNtfsDotName(part, special));
}

function isNtfsDotName(name: ByteString, { name: special, hashed, plainCount }: DotName): boolean {
  // NTFS drops trailing dots and spaces, and what follows a colon names a stream of the same file.
  const colon = name.indexOf(':');
  let end = colon < 0 ? name.length : colon;
  while (end > 0 && (name[end - 1] === '.' || name[end - 1] === ' ')) end--;
  const bare = name.slice(0, end).toLowerCase();
  if (bare === `.${special}`) return true;
  const tilde = bare.indexOf('~');
  if (tilde < 0) return false;
  const plain = bare.slice(0, tilde) === special.slice(0, 6) && tilde === Math.min(special.length, 6);
  if (plain && /^[1-9]$/.test(bare.slice(tilde + 1))) return Number(bare.slice(tilde + 1)) <= plainCount;
  // A hashed short name: some of the six characters, then `~` and a number, eight in all.
  return (
    hashed !== undefined &&
    bare.length === 8 &&
    tilde >= 2 &&
    tilde <= 6 &&
    bare.startsWith(hashed.slice(0, tilde)) &&
    /^[1-9][0-9]*$/.test(bare.slice(tilde + 1))
  );
}
