import { type ByteString, escapeText } from '../byte-string.ts';
import { FormatFault } from './byte-reader.ts';
import type { CertificateContent } from './certificate.ts';
import type { LibraryKey, LibrarySignature, LibrarySubkey, OpenPgp } from './library.ts';

/**
 * Reads a certificate of any kind. Its self-signatures, key flags, expiry, revocation and cross-certification are judged by
 * openpgp.js.
 *
 * @throws {FormatFault} if these are not the bytes of exactly one public key of version 4
 */
export async function readByLibrary(armored: ByteString, openpgp: OpenPgp): Promise<CertificateContent> {
  const key = await readOneKey(armored, openpgp);
  return {
    details: {
      key: `openpgp:${fingerprintOf(key)}`,
      userIds: key.getUserIDs(),
      algorithm: key.getAlgorithmInfo().algorithm,
      createdAtSec: toSec(key.getCreationTime()),
    },
    packets: new Map([key, ...key.subkeys].map((k) => [fingerprintOf(k), k.keyPacket.write()])),
    moments: momentsOf(key, openpgp),
    // Read anew each time: openpgp.js marks signatures as revoked for good, once it has seen them so at some date.
    judge: async (fingerprint, atSec) => judge(await readOneKey(armored, openpgp), { openpgp, fingerprint, atSec }),
  };
}

async function judge(
  key: LibraryKey,
  { openpgp: { strict }, fingerprint, atSec }: { openpgp: OpenPgp; fingerprint: string; atSec: number },
): Promise<string | undefined> {
  const hasStrongHash = ({ hashAlgorithm }: LibrarySignature) =>
    hashAlgorithm !== null && !strict.rejectHashAlgorithms.has(hashAlgorithm);
  const subkey = key.subkeys.find((candidate) => fingerprintOf(candidate) === fingerprint);
  const target = subkey ?? key;
  if (atSec < Math.max(toSec(key.getCreationTime()), toSec(target.getCreationTime()))) {
    return 'the signature is older than its key';
  }
  const date = new Date(Math.max(atSec, vouchedSince(key, { subkey, hasStrongHash })) * 1000);
  // openpgp.js passes over a revocation whose hash it does not like. To believe a forged one is the safer error.
  if ([key, subkey].some((k) => k?.revocationSignatures.some((s) => !hasStrongHash(s)))) return 'the key is revoked';
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
function vouchedSince(
  key: LibraryKey,
  {
    subkey,
    hasStrongHash,
  }: { subkey: LibrarySubkey | undefined; hasStrongHash: (signature: LibrarySignature) => boolean },
): number {
  const named = key.users.filter((user) => user.userID !== null);
  const certified = named.flatMap((user) => user.selfCertifications.filter(hasStrongHash).map(createdSec));
  const bound = subkey?.bindingSignatures
    .filter(hasStrongHash)
    .map((s) => Math.max(createdSec(s), s.embeddedSignature === null ? 0 : createdSec(s.embeddedSignature)));
  const oldest = [certified, bound ?? []].filter((times) => times.length > 0).map((times) => Math.min(...times));
  return Math.max(0, ...oldest);
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
