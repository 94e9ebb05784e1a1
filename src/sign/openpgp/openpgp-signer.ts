import { type ByteString, toByteArray } from '../../core/byte-string.ts';
import { encodeArmor } from '../../core/openpgp/armor.ts';
import { parseSignature } from '../../core/openpgp/signature-packet.ts';
import type { KeyId, Signer } from '../../core/signing.ts';
import { type SigningKey, WrongPassphraseError } from './signing-key.ts';

const MAX_TRIES = 3;

/** What an {@link OpenPgpSigner} needs from outside. */
export interface OpenPgpSignerOptions {
  readonly signingKey: SigningKey;
  /** The clock that dates signatures, in seconds since the epoch. */
  readonly nowSec: () => number;
  /** Asks for a passphrase: a terminal, the environment. Called three times at the most. The question has no colon. */
  readonly askPassphrase: (prompt: string) => Promise<string>;
}

/** Signs in this process, with a private key that was read from a file. */
export class OpenPgpSigner implements Signer {
  readonly key: KeyId;
  readonly #nowSec: () => number;
  readonly #askPassphrase: (prompt: string) => Promise<string>;
  #signingKey: SigningKey;
  #unlocking: Promise<void> | undefined;

  constructor({ signingKey, nowSec, askPassphrase }: OpenPgpSignerOptions) {
    this.key = signingKey.key;
    this.#signingKey = signingKey;
    this.#nowSec = nowSec;
    this.#askPassphrase = askPassphrase;
  }

  /** @throws {WrongPassphraseError} after the third try */
  async unlock(): Promise<void> {
    // Two signatures at once must not ask twice.
    this.#unlocking ??= this.#unlock().finally(() => {
      this.#unlocking = undefined;
    });
    await this.#unlocking;
  }

  async sign(payload: ByteString): Promise<ByteString> {
    await this.unlock();
    const packet = await this.#signingKey.sign(toByteArray(payload), this.#nowSec());
    parseSignature(packet); // What our own reader would refuse must not be stored.
    return encodeArmor(packet);
  }

  async #unlock(): Promise<void> {
    for (let tries = 1; this.#signingKey.locked; tries++) {
      const passphrase = await this.#askPassphrase(
        tries === 1 ? `Passphrase for key ${this.key}` : `Wrong passphrase, try again (${tries} of ${MAX_TRIES})`,
      );
      try {
        this.#signingKey = await this.#signingKey.unlock(passphrase);
      } catch (error) {
        if (!(error instanceof WrongPassphraseError) || tries === MAX_TRIES) throw error;
      }
    }
  }
}
