import type { ByteString } from '../core/byte-string.ts';
import type { BytePath } from '../core/entry.ts';

/** A path as node's file functions take it. Text would be encoded as UTF-8, so bytes that are no ASCII go as a buffer. */
export function nativePath(path: ByteString): string | Buffer {
  for (let i = 0; i < path.length; i++) {
    if (path.charCodeAt(i) > 0x7f) return Buffer.from(path, 'latin1');
  }
  return path;
}

/** The absolute path of an entry. The empty path is the root itself. */
export function pathBelow(root: ByteString, path: BytePath): ByteString {
  return path === '' ? root : `${root}/${path}`;
}

/** The directory that holds `path`; the root is `''`. */
export function parentOf(path: BytePath): BytePath {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

/** The path of `name` in the directory `path`. */
export function childPath(path: BytePath, name: ByteString): BytePath {
  return path === '' ? name : `${path}/${name}`;
}

/** Whether `path` is a name in `directory` itself: what {@link parentOf} would tell, without making a string of it. */
export function isChildOf(path: BytePath, directory: BytePath): boolean {
  const slash = path.lastIndexOf('/');
  return directory === '' ? slash < 0 : slash === directory.length && path.startsWith(directory);
}
