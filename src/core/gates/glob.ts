import { type ByteString, utf8Encode } from '../byte-string.ts';
import type { BytePath } from '../entry.ts';
import { refusePath } from '../paths.ts';

/** Whether a path matches. */
export type GlobMatcher = (path: BytePath) => boolean;

/**
 * Whether text is a glob: names with `/` between them, as a path in a set has them. Anything else would match nothing,
 * and what is forbidden by it would be allowed.
 */
export function isGlob(text: string): boolean {
  return text.isWellFormed() && refusePath(utf8Encode(text)) === undefined;
}

/**
 * A glob over whole paths, byte for byte: `*` stands for any part of one name, `**` as a whole name for any number of
 * directories, or, at the end, for all that is below. All else stands for itself.
 *
 * Globs come out of snapshots too, so this must not take long for any of them: it never takes back more than the last
 * star, which is enough, and its time is at most the length of the one by that of the other. Expressions would backtrack.
 *
 * @param glob - as UTF-8: the globs of a policy are text
 */
export function compileGlob(glob: ByteString): GlobMatcher {
  if (!glob.includes('*')) return (path) => path === glob;
  const names = glob.split('/');
  // What is below a directory does not include itself.
  if (names.at(-1) === '**') names.push('*');
  const pattern = names.map((name) => (name === '**' ? ANY : compileName(name)));
  return (path) => matchesAll(pattern, path.split('/'));
}

type NameMatcher = (name: ByteString) => boolean;

const ANY: unique symbol = Symbol('any number of names');

function compileName(glob: ByteString): NameMatcher {
  if (!glob.includes('*')) return (name) => name === glob;
  const [first = '', ...rest] = glob.split(/\*+/);
  const last = rest.pop() ?? '';
  return (name) => {
    if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last)) return false;
    const end = name.length - last.length;
    let at = first.length;
    for (const part of rest) {
      // The first place is as good as any: it leaves the most for the parts that follow.
      const found = name.indexOf(part, at);
      if (found < 0 || found + part.length > end) return false;
      at = found + part.length;
    }
    return true;
  };
}

function matchesAll(pattern: readonly (NameMatcher | typeof ANY)[], names: readonly ByteString[]): boolean {
  let at = 0;
  let next = 0;
  let afterAny = -1;
  let skipped = 0;
  while (at < names.length) {
    const want = pattern[next];
    const name = names[at];
    if (want === ANY) {
      afterAny = ++next;
      skipped = at;
    } else if (want !== undefined && name !== undefined && want(name)) {
      next++;
      at++;
    } else if (afterAny >= 0) {
      next = afterAny;
      at = ++skipped;
    } else {
      return false;
    }
  }
  return pattern.slice(next).every((want) => want === ANY);
}
