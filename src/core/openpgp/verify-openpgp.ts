import { type ByteString, toByteArray } from '../byte-string.ts';
import type { PublicKey, SignatureVerifier, Verification } from '../signing.ts';
import { decodeArmor } from './armor.ts';
import { FormatFault } from './byte-reader.ts';
import { Certificate, type CertificateReader } from './certificate.ts';
import { checkSignature, type VerifyingKey } from './check-signature.ts';
import type { OpenPgpKeyMaterial } from './public-key.ts';
import { parseSignature, type SignaturePacket } from './signature-packet.ts';

/** How far a signer's clock may be ahead of ours. */
const MAX_SKEW_SEC = 5 * 60;

/** What an {@link OpenPgpVerifier} needs from outside. */
export interface OpenPgpVerifierOptions extends CertificateReader {
  /** The clock, in seconds since the epoch. */
  readonly nowSec: () => number;
}

type Listed = { readonly certificate: Certificate; readonly key: PublicKey['key'] };

/**
 * Checks OpenPGP signatures in this process. The signature is read by our own strict parser and computed by the runtime;
 * openpgp.js is asked only about certificates, once for each, and about the plainest not even that.
 *
 * Whether the key was good is judged at the time that the signature states. That time is the signer's word: who must not
 * trust it compares it with the order of the audit log.
 */
export class OpenPgpVerifier implements SignatureVerifier {
  readonly #options: OpenPgpVerifierOptions;
  /** By their armor, from the first use on: many signatures are checked at once. One that cannot be read is kept as the reason. */
  readonly #certificates = new Map<ByteString, Promise<Certificate | FormatFault>>();
  readonly #keys = new Map<OpenPgpKeyMaterial, Promise<VerifyingKey>>();

  constructor(options: OpenPgpVerifierOptions) {
    this.#options = options;
  }

  async verify(
    payload: ByteString,
    armor: ByteString,
    keys: readonly PublicKey[],
    { notBeforeSec = 0, asOfSec = 0 }: { readonly notBeforeSec?: number; readonly asOfSec?: number } = {},
  ): Promise<Verification> {
    try {
      const signature = parseSignature(decodeArmor(armor));
      demandCurrent(signature, Math.max(this.#options.nowSec(), asOfSec));
      const listed = await this.#findKey(signature, keys);
      if (listed === undefined) return { status: 'unknown-key', keyId: `openpgp:${signature.issuer}` };

      const { certificate, key } = listed;
      if (certificate.details.key !== key)
        throw new FormatFault(`the certificate that is listed as '${key}' is another key's`);
      const { issuer, createdAtSec } = signature;
      // The arithmetic first: why a key is not good matters only for a signature that is really its own.
      const verifying = await this.#takeIn(certificate.verifyingKey(issuer));
      const signed = { signature, payload: toByteArray(payload) };
      if (!(await checkSignature(this.#options.arithmetic, verifying, signed))) {
        throw new FormatFault('the signature does not match the content');
      }
      for (const atSec of [createdAtSec, Math.max(createdAtSec, notBeforeSec)]) {
        const fault = await certificate.faultAt(issuer, atSec);
        if (fault !== undefined) throw new FormatFault(fault);
      }
      return { status: 'good', key, signedAtSec: createdAtSec };
    } catch (error) {
      if (error instanceof FormatFault) return { status: 'bad', reason: error.message };
      throw error;
    }
  }

  async expiresAtSec({ armored }: Pick<PublicKey, 'armored'>): Promise<number | undefined> {
    const certificate = await this.#certificate(armored);
    return certificate instanceof FormatFault ? undefined : certificate.expiresAtSec(this.#options.nowSec());
  }

  /** The listed key with this fingerprint, or else the one with such a subkey that might sign then. Reads no more than it must. */
  async #findKey({ issuer, createdAtSec }: SignaturePacket, keys: readonly PublicKey[]): Promise<Listed | undefined> {
    const direct = keys.find(({ key }) => key === `openpgp:${issuer}`);
    if (direct !== undefined) {
      const certificate = await this.#certificate(direct.armored);
      if (certificate instanceof FormatFault) {
        throw new FormatFault(`the certificate of '${direct.key}' cannot be used: ${certificate.message}`);
      }
      return { certificate, key: direct.key };
    }
    let found: Listed | undefined;
    for (const { key, armored } of keys) {
      const certificate = await this.#certificate(armored);
      if (certificate instanceof FormatFault || !certificate.has(issuer)) continue;
      // Anyone can put another's subkey into his own certificate. Only its owner can cross-certify it.
      if ((await certificate.faultAt(issuer, createdAtSec)) === undefined) return { certificate, key };
      found ??= { certificate, key };
    }
    return found;
  }

  #certificate(armored: ByteString): Promise<Certificate | FormatFault> {
    const known = this.#certificates.get(armored);
    if (known !== undefined) return known;
    const read = this.#readCertificate(armored);
    this.#certificates.set(armored, read);
    return read;
  }

  async #readCertificate(armored: ByteString): Promise<Certificate | FormatFault> {
    try {
      return await Certificate.read(armored, this.#options);
    } catch (error) {
      if (error instanceof FormatFault) return error;
      throw error;
    }
  }

  #takeIn(material: OpenPgpKeyMaterial): Promise<VerifyingKey> {
    const known = this.#keys.get(material);
    if (known !== undefined) return known;
    const imported = this.#options.arithmetic.importKey(material).then((check) => ({ material, check }));
    this.#keys.set(material, imported);
    return imported;
  }
}

function demandCurrent({ createdAtSec, expiresAtSec }: SignaturePacket, nowSec: number): void {
  if (createdAtSec > nowSec + MAX_SKEW_SEC)
    throw new FormatFault('the signature was made in the future, by the clock of this machine');
  if (expiresAtSec !== undefined && expiresAtSec <= nowSec) throw new FormatFault('the signature has expired');
}
