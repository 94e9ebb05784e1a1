import { type ByteString, quoteText, utf8Encode } from '../core/byte-string.ts';
import type { BytePath, Entry } from '../core/entry.ts';
import { refusePath } from '../core/paths.ts';

/** Finds entries by path. */
export function entriesByPath(entries: readonly Entry[]): ReadonlyMap<BytePath, Entry> {
  return new Map(entries.map((entry) => [entry.path, entry]));
}

/** The path in the set that a file names, or why it is none. */
export type NamedPath =
  | { readonly path: BytePath; readonly fault?: undefined }
  | { readonly path?: undefined; readonly fault: string };

/**
 * Reads a path out of content, in its one spelling: relative, with no `.`, no `..` and nothing empty in it. Other
 * spellings would have to be brought into this one, and not every reader of the file would do it in the same way.
 *
 * @param base - directory that it is relative to; undefined: the top of the set
 */
export function readPath(text: string, base: string | undefined): NamedPath {
  if (/^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(text))
    return { fault: `${quoteText(text)} is a URL, not a path in the set` };
  if (!text.isWellFormed()) return { fault: 'the path is not well-formed Unicode' };
  if (text.startsWith('/')) return { fault: `${quoteText(text)} is an absolute path` };
  const path = below(base, utf8Encode(text));
  const fault = text === '' ? 'an empty name' : refusePath(path);
  return fault === undefined ? { path } : { fault: `${quoteText(text)} is not a path in the set: ${fault}` };
}

/** Whether a path is below the directory `base`, or anywhere if that is undefined. */
export function isBelow(path: BytePath, base: string | undefined): boolean {
  return base === undefined || path.startsWith(below(base, ''));
}

function below(base: string | undefined, path: ByteString): ByteString {
  return base === undefined ? path : `${utf8Encode(base)}/${path}`;
}
