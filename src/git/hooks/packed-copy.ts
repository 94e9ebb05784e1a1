import { readFileSync } from 'node:fs';
import type { ByteString } from '../../core/byte-string.ts';
import { fsPath } from '../files/fs-path.ts';
import type { Repository } from '../open-repository.ts';
import { isThere } from './hook-files.ts';

/**
 * Whether a ref has this value both in a file of its own and among the packed ones. Then a transaction that takes it away
 * is git's own, of packing: it announces the loose copy like a deletion.
 */
export function isPackedCopy({ commonDir }: Repository, { ref, oid }: { ref: ByteString; oid: string }): boolean {
  const files = [`${commonDir}/${ref}`, `${commonDir}/packed-refs`];
  const [loose, packed] = files.map((file) => (isThere(file) ? readFileSync(fsPath(file), 'latin1') : ''));
  if (loose !== `${oid}\n` || packed === undefined) return false;
  return packed.startsWith(`${oid} ${ref}\n`) || packed.includes(`\n${oid} ${ref}\n`);
}
