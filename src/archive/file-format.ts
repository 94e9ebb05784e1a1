import { MalformedError } from '../core/errors.ts';
import type { ExportFormat } from '../core/exchange/port.ts';
import type { FileSource } from './file-source.ts';

/** What a file is, by how it begins. @throws {MalformedError} for what was not exported by us */
export function fileFormat(source: FileSource): ExportFormat {
  const start = source.read(0, Math.min(source.size, 512)).toString('latin1');
  if (/^# v[0-9]+ git bundle\n/.test(start)) return 'bundle';
  if (start.startsWith('PK\x03\x04')) return 'zip';
  if (start.slice(257, 262) === 'ustar') return 'tar';
  const isPacked = start.startsWith('\x1f\x8b') || start.startsWith('\xfd7zXZ') || start.startsWith('\x28\xb5\x2f\xfd');
  throw new MalformedError(source.what, isPacked ? 'is compressed' : 'is not a bundle, a tar or a zip file', {
    hint: isPacked
      ? 'Uncompress it first: it is read as it was exported.'
      : 'Name a file that "git snapshot export" wrote.',
  });
}
