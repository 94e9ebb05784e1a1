import { type ByteString, escapeText } from '../byte-string.ts';
import type { KeyId } from '../signing.ts';
import { FormatFault } from './byte-reader.ts';
import type { LibraryKey, LibrarySignature, LibrarySubkey, OpenPgp } from './library.ts';
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

/**
 * A certificate that was read once, to judge any number of signatures.
 *
 * Self-signatures, key flags, expiry, revocation and cross-certification are judged by openpgp.js, at the moment of the
 * signature. What it says can change only when something in the certificate begins or ends, so that each span between two
 * such moments is judged once.
 */
export class Certificate {
  readonly details: CertificateDetails;
  readonly #armored: ByteString;
  readonly #openpgp: OpenPgp;
  /** Public-key packets by fingerprint: the primary key and all subkeys, whether they may sign or not. */
  readonly #packets: ReadonlyMap<string, Uint8Array>;
  readonly #keys = new Map<string, OpenPgpKeyMaterial>();
  /** Seconds since the epoch, ascending. */
  readonly #moments: readonly number[];
  readonly #verdicts = new Map<string, Promise<string | undefined>>();

  private constructor(armored: ByteString, openpgp: OpenPgp, key: LibraryKey) {
    this.#armored = armored;
    this.#openpgp = openpgp;
    this.#packets = new Map([key, ...key.subkeys].map((k) => [fingerprintOf(k), k.keyPacket.write()]));
    this.#moments = momentsOf(key, openpgp);
    this.details = {
      key: `openpgp:${fingerprintOf(key)}`,
      userIds: key.getUserIDs(),
      algorithm: key.getAlgorithmInfo().algorithm,
      createdAtSec: toSec(key.getCreationTime()),
    };
  }

  /** @throws {FormatFault} if these are not the bytes of exactly one public key of version 4 */
  static async read(armored: ByteString, openpgp: OpenPgp): Promise<Certificate> {
    return new Certificate(armored, openpgp, await readOneKey(armored, openpgp));
  }

  /** Whether the primary key or a subkey has this fingerprint. */
  has(fingerprint: string): boolean {
    return this.#packets.has(fingerprint);
  }

  /** @throws {FormatFault} if there is no such key, or it is of a kind that is not supported */
  verifyingKey(fingerprint: string): OpenPgpKeyMaterial {
    const known = this.#keys.get(fingerprint);
    if (known !== undefined) return known;
    const packet = this.#packets.get(fingerprint);
    if (packet === undefined) throw new FormatFault('the certificate has no such key');
    const key = parsePublicKey(packet);
    this.#keys.set(fingerprint, key);
    return key;
  }

  /** Why the key of this fingerprint could not sign at that time; undefined if it could. */
  faultAt(fingerprint: string, atSec: number): Promise<string | undefined> {
    const span = this.#moments.findLastIndex((moment) => moment <= atSec);
    const name = `${span} ${fingerprint}`;
    const known = this.#verdicts.get(name);
    if (known !== undefined) return known;
    const verdict = this.#judge(fingerprint, atSec);
    this.#verdicts.set(name, verdict);
    return verdict;
  }

  /** The first of its keys that can sign at that time, or why the first of all cannot. */
  async signingKeyAt(atSec: number): Promise<{ readonly fingerprint: string } | { readonly fault: string }> {
    let first: string | undefined;
    for (const fingerprint of this.#packets.keys()) {
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
      for (const moment of this.#moments.filter((each) => each > atSec)) if (await isOver(moment)) return moment;
      return undefined;
    }
    let since: number | undefined;
    for (const moment of this.#moments.filter((each) => each <= atSec).reverse()) {
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

  async #judge(fingerprint: string, atSec: number): Promise<string | undefined> {
    // Read anew each time: openpgp.js marks signatures as revoked for good, once it has seen them so at some date.
    const key = await readOneKey(this.#armored, this.#openpgp);
    const subkey = key.subkeys.find((candidate) => fingerprintOf(candidate) === fingerprint);
    const target = subkey ?? key;
    if (atSec < Math.max(toSec(key.getCreationTime()), toSec(target.getCreationTime()))) {
      return 'the signature is older than its key';
    }
    const date = new Date(Math.max(atSec, this.#vouchedSince(key, subkey)) * 1000);
    const { strict } = this.#openpgp;
    // openpgp.js passes over a revocation whose hash it does not like. To believe a forged one is the safer error.
    if ([key, subkey].some((k) => k?.revocationSignatures.some((s) => !this.#hasStrongHash(s))))
      return 'the key is revoked';
    try {
      const found = await key.getSigningKey(target.getKeyID(), date, undefined, strict);
      return fingerprintOf(found) === fingerprint ? undefined : 'the key must not sign';
    } catch (error) {
      // openpgp.js throws plain errors; whatever the reason is, the key is not good.
      if (!(error instanceof Error)) throw error;
      return `the key was not valid for signing: ${reasonOf(error)}`;
    }
  }

  /**
   * The time of the oldest self-signatures that are left. Whoever renews a key may publish it with the new ones alone
   * (`gpg --export-options export-minimal` does): those vouch for it from its beginning on.
   */
  #vouchedSince(key: LibraryKey, subkey: LibrarySubkey | undefined): number {
    const usable = (signature: LibrarySignature) => this.#hasStrongHash(signature);
    const named = key.users.filter((user) => user.userID !== null);
    const certified = named.flatMap((user) => user.selfCertifications.filter(usable).map(createdSec));
    const bound = subkey?.bindingSignatures
      .filter(usable)
      .map((s) => Math.max(createdSec(s), s.embeddedSignature === null ? 0 : createdSec(s.embeddedSignature)));
    const oldest = [certified, bound ?? []].filter((times) => times.length > 0).map((times) => Math.min(...times));
    return Math.max(0, ...oldest);
  }

  #hasStrongHash({ hashAlgorithm }: LibrarySignature): boolean {
    return hashAlgorithm !== null && !this.#openpgp.strict.rejectHashAlgorithms.has(hashAlgorithm);
  }
}

async function readOneKey(armored: ByteString, { lib, strict }: OpenPgp): Promise<LibraryKey> {
  let keys: LibraryKey[];
  try {
    keys = await lib.readKeys({ armoredKeys: armored, config: strict });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new FormatFault(`not an OpenPGP public key: ${reasonOf(error)}`, { cause: error });
  }
  const [key, ...others] = keys;
  if (key === undefined || others.length > 0) throw new FormatFault('not exactly one OpenPGP public key');
  if (key.isPrivate()) throw new FormatFault('a private key stands where a public key should be');
  if (key.keyPacket.version !== 4) throw new FormatFault(`keys of version ${key.keyPacket.version} are not supported`);
  return key;
}

/** Every moment at which something in the certificate begins or ends. */
function momentsOf(key: LibraryKey, { lib }: OpenPgp): number[] {
  const moments = new Set<number>();
  let keyMadeSec = toSec(key.getCreationTime());
  const add = (signature: LibrarySignature) => {
    moments.add(createdSec(signature));
    moments.add(createdSec(signature) + (signature.signatureExpirationTime ?? 0));
    moments.add(keyMadeSec + (signature.keyExpirationTime ?? 0));
    if (signature.embeddedSignature !== null) add(signature.embeddedSignature);
  };
  for (const packet of key.toPacketList()) {
    if (packet instanceof lib.PublicKeyPacket || packet instanceof lib.PublicSubkeyPacket) {
      keyMadeSec = toSec(packet.getCreationTime());
      moments.add(keyMadeSec);
    } else if (packet instanceof lib.SignaturePacket) add(packet);
  }
  return [...moments].sort((a, b) => a - b);
}

function fingerprintOf(key: Pick<LibrarySubkey, 'getFingerprint'>): string {
  return key.getFingerprint().toUpperCase();
}

function createdSec(signature: LibrarySignature): number {
  return signature.created === null ? 0 : toSec(signature.created);
}

function toSec(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}

/** What openpgp.js says, in our manner. It may quote the certificate, which can hold anything. */
function reasonOf({ message }: Error): string {
  return escapeText(message.charAt(0).toLowerCase() + message.slice(1));
}
