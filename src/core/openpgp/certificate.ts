import type { Arithmetic } from '../arithmetic.ts';
import type { ByteString } from '../byte-string.ts';
import type { KeyId } from '../signing.ts';
import { FormatFault } from './byte-reader.ts';
import { decodeKeyArmor } from './key-armor.ts';
import type { OpenPgp } from './library.ts';
import { judgePlainKey, splitPlainKey } from './plain-key.ts';
import { type OpenPgpKeyMaterial, parsePublicKey } from './public-key.ts';

/** What a person wants to know of a certificate. */
export interface CertificateDetails {
  readonly key: KeyId;
  /** As the certificate has them: not escaped. */
  readonly userIds: readonly string[];
  /** As openpgp.js names it, such as `eddsaLegacy` or `rsaEncryptSign`. */
  readonly algorithm: string;
  readonly createdAtSec: number;
}

/** What a certificate says, however it was read. */
export interface CertificateContent {
  readonly details: CertificateDetails;
  /** Public-key packets by fingerprint: the primary key and all subkeys, whether they may sign or not. */
  readonly packets: ReadonlyMap<string, Uint8Array>;
  /** Every moment at which something in the certificate begins or ends, in seconds since the epoch, ascending. */
  readonly moments: readonly number[];
  /** Why the key of this fingerprint could not sign at that time; undefined if it could. */
  judge(fingerprint: string, atSec: number): Promise<string | undefined>;
}

/** What certificates are read with. */
export interface CertificateReader {
  readonly arithmetic: Arithmetic;
  /** Loads openpgp.js, for the first certificate that is not of the plainest kind. */
  readonly load: () => Promise<OpenPgp>;
}

/**
 * A certificate that was read once, to judge any number of signatures.
 *
 * Whether a key could sign is judged at the moment of the signature. The verdict can change only when something in the
 * certificate begins or ends, so that each span between two such moments is judged once.
 */
export class Certificate {
  readonly #content: CertificateContent;
  readonly #keys = new Map<string, OpenPgpKeyMaterial>();
  readonly #verdicts = new Map<string, Promise<string | undefined>>();

  constructor(content: CertificateContent) {
    this.#content = content;
  }

  /** @throws {FormatFault} if these are not the bytes of exactly one public key of version 4 */
  static async read(armored: ByteString, { arithmetic, load }: CertificateReader): Promise<Certificate> {
    const bytes = decodeKeyArmor(armored, 'PUBLIC');
    const packets = bytes && splitPlainKey(bytes, 'public');
    const plain = packets && (await judgePlainKey(packets, arithmetic));
    if (plain !== undefined) return new Certificate(plain);
    const { readByLibrary } = await import('./library-certificate.ts');
    return new Certificate(await readByLibrary(armored, await load()));
  }

  get details(): CertificateDetails {
    return this.#content.details;
  }

  /** Whether the primary key or a subkey has this fingerprint. */
  has(fingerprint: string): boolean {
    return this.#content.packets.has(fingerprint);
  }

  /** @throws {FormatFault} if there is no such key, or it is of a kind that is not supported */
  verifyingKey(fingerprint: string): OpenPgpKeyMaterial {
    const known = this.#keys.get(fingerprint);
    if (known !== undefined) return known;
    const packet = this.#content.packets.get(fingerprint);
    if (packet === undefined) throw new FormatFault('the certificate has no such key');
    const key = parsePublicKey(packet);
    this.#keys.set(fingerprint, key);
    return key;
  }

  /** Why the key of this fingerprint could not sign at that time; undefined if it could. */
  faultAt(fingerprint: string, atSec: number): Promise<string | undefined> {
    const span = this.#content.moments.findLastIndex((moment) => moment <= atSec);
    const name = `${span} ${fingerprint}`;
    const known = this.#verdicts.get(name);
    if (known !== undefined) return known;
    const verdict = this.#content.judge(fingerprint, atSec);
    this.#verdicts.set(name, verdict);
    return verdict;
  }

  /** The first of its keys that can sign at that time, or why the first of all cannot. */
  async signingKeyAt(atSec: number): Promise<{ readonly fingerprint: string } | { readonly fault: string }> {
    let first: string | undefined;
    for (const fingerprint of this.#content.packets.keys()) {
      const fault = this.#unsupported(fingerprint) ?? (await this.faultAt(fingerprint, atSec));
      if (fault === undefined) return { fingerprint };
      first ??= fault;
    }
    return { fault: first ?? 'the certificate has no key' };
  }

  /**
   * When the last of the keys that can sign at `atSec` expires, in seconds since the epoch; undefined if one never does.
   * Where none can sign any more, since when that is so.
   */
  async expiresAtSec(atSec: number): Promise<number | undefined> {
    const isOver = async (moment: number) => 'fault' in (await this.signingKeyAt(moment));
    if (!(await isOver(atSec))) {
      for (const moment of this.#content.moments.filter((each) => each > atSec))
        if (await isOver(moment)) return moment;
      return undefined;
    }
    let since: number | undefined;
    for (const moment of this.#content.moments.filter((each) => each <= atSec).reverse()) {
      if (!(await isOver(moment))) break;
      since = moment;
    }
    return since;
  }

  #unsupported(fingerprint: string): string | undefined {
    try {
      this.verifyingKey(fingerprint);
      return undefined;
    } catch (error) {
      if (error instanceof FormatFault) return error.message;
      throw error;
    }
  }
}
