import type { ByteString } from './byte-string.ts';
import type { Oid } from './oid.ts';

/**
 * A path inside a set, relative to the set's directory, with `/` between names, as bytes.
 * Never empty, never absolute, no `.` or `..` in it.
 */
export type BytePath = ByteString;

/** The file type bits of `st_mode`, as git writes them: a regular file. */
export const FILE = 0o100000;
/** A symbolic link. */
export const SYMLINK = 0o120000;
/** A directory. */
export const DIRECTORY = 0o040000;

/**
 * One line of a manifest: a regular file, a symbolic link, or a directory with nothing in it.
 *
 * `mode` is type and permission bits: `0o100644`, `0o100600`, `0o100755` …; `0o120000` for a link;
 * `0o040000` for an empty directory. Content is the file's bytes, the link's target, or nothing.
 */
export interface Entry {
  readonly path: BytePath;
  readonly mode: number;
  /** The blob (for an empty directory, the empty tree). */
  readonly oid: Oid;
  /** SHA-256 of the content, 64 hexadecimal digits. */
  readonly sha256: string;
  /** Length of the content in bytes. */
  readonly size: number;
}

/** The type bits of a mode. */
export function fileType(mode: number): number {
  return mode & 0o170000;
}

/** The permission bits of a mode. */
export function permissions(mode: number): number {
  return mode & 0o7777;
}

/** Compares by path bytes: the order of manifests. */
export function comparePaths(a: { readonly path: BytePath }, b: { readonly path: BytePath }): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}
