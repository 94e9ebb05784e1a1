import { hasUnsafeCharacters, quoteText } from '../byte-string.ts';
import { SnapshotError } from '../errors.ts';
import type { PublicKey } from '../signing.ts';

/**
 * The line of an SSH key for git's `gpg.ssh.allowedSignersFile`, so that plain git accepts the key's tags.
 *
 * @param principal - whose key it is, an address for one; without what ssh-keygen would read as a pattern or as a list
 * @throws {SnapshotError} of kind `usage` for another principal
 */
export function allowedSignersLine(principal: string, { armored }: PublicKey): string {
  if (principal === '' || /[\s*?!,"#\\]/.test(principal) || hasUnsafeCharacters(principal)) {
    throw new SnapshotError('usage', `${quoteText(principal)} cannot stand in a file of allowed signers`, {
      hint: 'Give an e-mail address.',
    });
  }
  return `${principal} namespaces="git" ${armored}`;
}
