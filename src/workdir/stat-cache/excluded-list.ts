import type { ByteString } from '../../core/byte-string.ts';
import type { ExcludedPath } from '../../core/workdir.ts';

/** Four fields for each path that was left out. */
export function encodeExcluded(excluded: readonly ExcludedPath[]): ByteString {
  return excluded.map((e) => `${e.directory ? 'd' : 'f'}\0${e.pattern}\0${e.source}\0${e.path}\0`).join('');
}

/** Reads {@link encodeExcluded}. */
export function decodeExcluded(text: ByteString): ExcludedPath[] {
  const fields = text.split('\0');
  const excluded: ExcludedPath[] = [];
  for (let i = 0; i + 4 < fields.length; i += 4) {
    const [kind = '', pattern = '', source = '', path = ''] = fields.slice(i, i + 4);
    excluded.push({ path, directory: kind === 'd', pattern, source });
  }
  return excluded;
}
