import { displayBytes } from '../../core/byte-string.ts';
import type { RescuedFile } from '../../core/rollback/port.ts';
import type { RollbackResult } from '../results.ts';

/** A rescued file, for people and programs. */
export function keptFile({ path, keptAs, programs }: RescuedFile): RollbackResult['rescued'][number] {
  return { path, keptAs: displayBytes(keptAs), programs };
}
