import type { ByteString } from '../../core/byte-string.ts';
import type { PublicKey, SignatureVerifier, Verification } from '../../core/signing.ts';
import { decodeArmor } from './armor.ts';
import { FormatFault } from './byte-reader.ts';
import { Certificate } from './certificate.ts';
import { checkSignature } from './public-key.ts';
import { parseSignature, type SignaturePacket } from './signature-packet.ts';

/** How far a signer's clock may be ahead of ours. */
const MAX_SKEW_SEC = 5 * 60;

/**
 * Checks OpenPGP signatures in this process. The signature is read by our own strict parser and computed by node; openpgp.js
 * is asked only about certificates, once for each.
 *
 * Whether the key was good is judged at the time that the signature states. That time is the signer's word: who must not
 * trust it compares it with the order of the audit log.
 */
export class OpenPgpVerifier implements SignatureVerifier {
  readonly #nowSec: () => number;
  /** By their armor. A certificate that cannot be read is kept as the reason. */
  readonly #certificates = new Map<ByteString, Certificate | FormatFault>();

  /** @param options.nowSec - the clock, in seconds since the epoch */
  constructor(options: { nowSec: () => number }) {
    this.#nowSec = options.nowSec;
  }

  async verify(payload: ByteString, armor: ByteString, keys: readonly PublicKey[]): Promise<Verification> {
    try {
      const signature = parseSignature(decodeArmor(armor));
      this.#demandCurrent(signature);
      const listed = await this.#findKey(signature, keys);
      if (listed === undefined) return { status: 'unknown-key', keyId: `openpgp:${signature.issuer}` };

      const { certificate, key } = listed;
      if (certificate.details.key !== key)
        throw new FormatFault(`the certificate that is listed as '${key}' is another key's`);
      // The arithmetic first: why a key is not good matters only for a signature that is really its own.
      if (!checkSignature(certificate.verifyingKey(signature.issuer), signature, Buffer.from(payload, 'latin1'))) {
        throw new FormatFault('the signature does not match the content');
      }
      const fault = await certificate.faultAt(signature.issuer, signature.createdAtSec);
      if (fault !== undefined) throw new FormatFault(fault);
      return { status: 'good', key, signedAtSec: signature.createdAtSec };
    } catch (error) {
      if (error instanceof FormatFault) return { status: 'bad', reason: error.message };
      throw error;
    }
  }

  #demandCurrent({ createdAtSec, expiresAtSec }: SignaturePacket): void {
    const nowSec = this.#nowSec();
    if (createdAtSec > nowSec + MAX_SKEW_SEC) throw new FormatFault('the signature was made in the future');
    if (expiresAtSec !== undefined && expiresAtSec <= nowSec) throw new FormatFault('the signature has expired');
  }

  /** The listed key with this fingerprint, or else the one with such a subkey that might sign then. Reads no more than it must. */
  async #findKey(
    { issuer, createdAtSec }: SignaturePacket,
    keys: readonly PublicKey[],
  ): Promise<{ certificate: Certificate; key: PublicKey['key'] } | undefined> {
    const direct = keys.find(({ key }) => key === `openpgp:${issuer}`);
    if (direct !== undefined) {
      const certificate = await this.#certificate(direct.armored);
      if (certificate instanceof FormatFault) {
        throw new FormatFault(`the certificate of '${direct.key}' cannot be used: ${certificate.message}`);
      }
      return { certificate, key: direct.key };
    }
    let found: { certificate: Certificate; key: PublicKey['key'] } | undefined;
    for (const { key, armored } of keys) {
      const certificate = await this.#certificate(armored);
      if (certificate instanceof FormatFault || !certificate.has(issuer)) continue;
      // Anyone can put another's subkey into his own certificate. Only its owner can cross-certify it.
      if ((await certificate.faultAt(issuer, createdAtSec)) === undefined) return { certificate, key };
      found ??= { certificate, key };
    }
    return found;
  }

  async #certificate(armored: ByteString): Promise<Certificate | FormatFault> {
    const known = this.#certificates.get(armored);
    if (known !== undefined) return known;
    const read = await Certificate.read(armored).catch((error: unknown) => {
      if (error instanceof FormatFault) return error;
      throw error;
    });
    this.#certificates.set(armored, read);
    return read;
  }
}
