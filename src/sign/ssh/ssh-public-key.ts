import { createHash, createPublicKey } from 'node:crypto';
import type { ByteString } from '../../core/byte-string.ts';
import { FormatFault } from '../../core/openpgp/byte-reader.ts';
import type { KeyId } from '../../core/signing.ts';
import * as core from '../../core/ssh/ssh-public-key.ts';

/** A public key that can check signatures, and its id. */
export interface SshPublicKey extends core.SshKeyMaterial {
  readonly key: KeyId;
  readonly blob: Buffer;
}

/** A key's fingerprint as ssh-keygen prints it. */
export function sshFingerprint(key: KeyId): string {
  return `SHA256:${Buffer.from(key.slice('ssh:'.length), 'hex').toString('base64').replace(/=+$/, '')}`;
}

/**
 * Reads the blob of a public key.
 *
 * @throws {FormatFault} if it is malformed, too weak, or of a type that is not supported: DSA, certificates, and all others
 */
export function parseKeyBlob(blob: Uint8Array): SshPublicKey {
  return withId(core.parseKeyBlob(blob));
}

/**
 * Reads a line of a `.pub` file, with or without its line feed: type, blob in base64, perhaps a comment.
 *
 * @throws {FormatFault} saying what is wrong
 */
export function parseKeyLine(line: ByteString): { publicKey: SshPublicKey; comment: ByteString } {
  const { material, comment } = core.parseKeyLine(line);
  return { publicKey: withId(material), comment };
}

function withId(material: core.SshKeyMaterial): SshPublicKey {
  try {
    createPublicKey({ key: { ...material.jwk }, format: 'jwk' });
  } catch (error) {
    // A point that is not on its curve, for one.
    throw new FormatFault('the public key is not a valid one', { cause: error });
  }
  const blob = Buffer.from(material.blob);
  return { ...material, blob, key: `ssh:${createHash('sha256').update(blob).digest('hex')}` };
}
