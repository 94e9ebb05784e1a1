import type { ByteString } from './byte-string.ts';

/** The identity that signs: which key, and for whom. */
export interface Signer {
  readonly key: KeyId;
  /** Asks for the passphrase now, if one is needed, so that nothing has to wait for it later. */
  unlock(): Promise<void>;
  /**
   * Signs exactly these bytes.
   *
   * @returns the armor, from its BEGIN line to its END line, each line ended by a line feed
   */
  sign(payload: ByteString): Promise<ByteString>;
}

/**
 * A key as policies name it: its kind and its full fingerprint. `openpgp:` and the 40 upper-case hexadecimal digits of the
 * primary key's; `ssh:` and the 64 lower-case ones of the SHA-256 of the public key blob (what ssh-keygen prints in base64).
 */
export type KeyId = `openpgp:${string}` | `ssh:${string}`;

/** Whether `text` is a {@link KeyId} in its one spelling. */
export function isKeyId(text: string): text is KeyId {
  return /^(?:openpgp:[0-9A-F]{40}|ssh:[0-9a-f]{64})$/.test(text);
}

/** The fingerprint in a key id. */
export function fingerprintOf(key: KeyId): string {
  return key.slice(key.indexOf(':') + 1);
}

/** A public key that the policy lists, and its name. */
export interface PublicKey {
  readonly key: KeyId;
  /** OpenPGP: the armored certificate. SSH: the line of a `.pub` file, type and blob and no comment, ended by a line feed. */
  readonly armored: ByteString;
}

/** Three outcomes, never a boolean: "we cannot tell" is not "it is fine". */
export type Verification =
  | { readonly status: 'good'; readonly key: KeyId; readonly signedAtSec: number | undefined }
  | { readonly status: 'bad'; readonly reason: string }
  | { readonly status: 'unknown-key'; readonly keyId: string };

/** Checks signatures in this process, against the keys it is given and no others. */
export interface SignatureVerifier {
  /**
   * @param payload - the signed bytes
   * @param armor - exactly one armored signature, in the one form that signers write; anything else is bad
   * @param options.notBeforeSec - the signature was made no earlier than this, whatever it says: a key that had run out
   *   by then cannot have made it
   * @param options.asOfSec - the clock is taken to be no earlier than this, in seconds since the epoch: for whoever judges
   *   by itself whether the time that is stated can be
   */
  verify(
    payload: ByteString,
    armor: ByteString,
    keys: readonly PublicKey[],
    options?: { readonly notBeforeSec?: number; readonly asOfSec?: number },
  ): Promise<Verification>;
  /**
   * When a key stops making good signatures, or stopped, in seconds since the epoch; undefined for one that never expires,
   * as SSH keys, and for one that cannot be read.
   */
  expiresAtSec(key: PublicKey): Promise<number | undefined>;
}

/** The beginning of a key's fingerprint, as names of refs have it: 16 lower-case digits. */
export function key16(key: KeyId): string {
  return fingerprintOf(key).slice(0, 16).toLowerCase();
}
