import type { ByteString } from '../../core/byte-string.ts';
import { utf8Decode } from '../../core/byte-string.ts';
import { SnapshotError } from '../../core/errors.ts';

/** A path as node:fs takes it. Only a Buffer can name a file whose name is not UTF-8; a string is faster. */
export function fsPath(path: ByteString): string | Buffer {
  for (let i = 0; i < path.length; i++) if (path.charCodeAt(i) > 0x7f) return Buffer.from(path, 'latin1');
  return path;
}

/**
 * A path as text, for the arguments and the working directory of another program: node passes those as UTF-8 only.
 *
 * @throws {SnapshotError} of kind `config` if the path is not UTF-8
 */
export function textPath(path: ByteString): string {
  const text = utf8Decode(path);
  if (text === undefined) {
    throw new SnapshotError('config', 'the path of the repository is not UTF-8', {
      hint: 'Move the repository to a directory whose name is UTF-8.',
    });
  }
  return text;
}
