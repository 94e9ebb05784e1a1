import type { ByteString } from '../../core/byte-string.ts';
import { SnapshotError } from '../../core/errors.ts';
import type { KeyId } from '../../core/signing.ts';

/** A private key that can sign, or could once it is unlocked. */
export interface SigningKey {
  readonly key: KeyId;
  /** The certificate, for the policy and for export. */
  readonly armoredPublic: ByteString;
  /** Whether a passphrase is needed first. */
  readonly locked: boolean;
  /** This key, unlocked. @throws {WrongPassphraseError} if it is not the passphrase */
  unlock(passphrase: string): Promise<SigningKey>;
  /**
   * Signs bytes, with a key that is not locked.
   *
   * @param atSec - the time that the signature states, in seconds since the epoch
   * @returns the signature packet
   */
  sign(payload: Uint8Array, atSec: number): Promise<Uint8Array>;
}

/** The passphrase does not open the key: ask again. */
export class WrongPassphraseError extends SnapshotError {}
