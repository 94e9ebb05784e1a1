import type { ByteString } from '../../core/byte-string.ts';
import { SnapshotError } from '../../core/errors.ts';
import { encodeKeyLine } from '../../core/ssh/ssh-public-key.ts';
import type { SshPublicKey } from './ssh-public-key.ts';
import { SshVerifier } from './verify-ssh.ts';

/**
 * Demands that what a program signed is what we would accept: nothing else must be stored.
 *
 * @param options.by - the program, as in a message
 * @throws {SnapshotError} of kind `config` if it is not
 */
export async function demandGood(options: {
  payload: ByteString;
  armor: ByteString;
  publicKey: SshPublicKey;
  by: string;
}): Promise<void> {
  const { payload, armor, publicKey, by } = options;
  const listed = { key: publicKey.key, armored: encodeKeyLine(publicKey) };
  const verdict = await new SshVerifier().verify(payload, armor, [listed]);
  if (verdict.status === 'good') return;
  const reason = verdict.status === 'bad' ? verdict.reason : `it is by another key, '${verdict.keyId}'`;
  throw new SnapshotError('config', `${by} made a signature that cannot be used: ${reason}`, {
    hint: 'Try another key, or a newer OpenSSH.',
  });
}
