import type { ByteString } from '../core/byte-string.ts';
import { displayBytes } from '../core/byte-string.ts';
import { MalformedError } from '../core/errors.ts';
import { refusePath } from '../core/paths.ts';
import { MAX_MEMBER_PATH_BYTES } from './limits.ts';

/** @throws {MalformedError} for a path that would lead out of where the archive is extracted, or that no snapshot has */
export function refuseMemberPath(path: ByteString, what: string): void {
  const reason = path.startsWith('/')
    ? 'an absolute path'
    : path.length > MAX_MEMBER_PATH_BYTES
      ? 'too long a path'
      : path
          .split('/')
          .map((name) => refusePath(name))
          .find((found) => found !== undefined);
  if (reason !== undefined) throw new MalformedError(what, `'${displayBytes(path).slice(0, 300)}' is ${reason}`);
}
