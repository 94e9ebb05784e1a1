import { createPrivateKey, createPublicKey, hash, type KeyObject, sign } from 'node:crypto';
import { encodeBase64Url } from '../../core/base64.ts';
import { type ByteString, hexToBytes, toByteArray } from '../../core/byte-string.ts';
import { ByteReader, FormatFault, joinBytes } from '../../core/openpgp/byte-reader.ts';
import { signedBytes } from '../../core/openpgp/check-signature.ts';
import { decodeKeyArmor, encodeKeyArmor } from '../../core/openpgp/key-armor.ts';
import { joinPlainKey, judgePlainKey, splitPlainKey } from '../../core/openpgp/plain-key.ts';
import { EDDSA, parsePublicKey } from '../../core/openpgp/public-key.ts';
import { CREATED, encodeSignature, ISSUER_FINGERPRINT, ISSUER_KEY_ID } from '../../core/openpgp/signature-packet.ts';
import { nodeArithmetic } from './node-arithmetic.ts';
import type { SigningKey } from './signing-key.ts';

const SHA512 = 10;

/** The public part of an Ed25519 key: version, time, algorithm, curve, point. */
const PUBLIC_BYTES = 1 + 4 + 1 + 10 + 2 + 33;

/**
 * Reads a private key as `init` makes it, without a passphrase: of such, openpgp.js need not be loaded to sign.
 *
 * @returns undefined for any other key, and for one that could not sign at `atSec`
 */
export async function readPlainSigningKey(armored: ByteString, atSec: number): Promise<SigningKey | undefined> {
  const bytes = decodeKeyArmor(armored, 'PRIVATE');
  const packets = bytes && splitPlainKey(bytes, 'private');
  const secret = packets && readSecret(packets.key);
  if (packets === undefined || secret === undefined) return undefined;
  const publicPackets = { ...packets, key: packets.key.subarray(0, PUBLIC_BYTES) };
  const content = await judgePlainKey(publicPackets, nodeArithmetic);
  if (content === undefined) return undefined;
  const { key } = content.details;
  const fingerprint = key.slice('openpgp:'.length);
  if ((await content.judge(fingerprint, atSec)) !== undefined) return undefined;
  const signingKey: SigningKey = {
    key,
    armoredPublic: encodeKeyArmor(joinPlainKey(publicPackets), 'PUBLIC'),
    locked: false,
    unlock: async () => signingKey,
    sign: async (payload, signedAtSec) => signPlainly(payload, { secret, fingerprint, atSec: signedAtSec }),
  };
  return signingKey;
}

/** The secret of a key that has no passphrase and belongs to its public part (RFC 9580, 5.5.3). */
function readSecret(body: Uint8Array): KeyObject | undefined {
  try {
    const reader = new ByteReader(body, 'the private key');
    const { jwk } = parsePublicKey(reader.take(PUBLIC_BYTES));
    if (jwk.kty !== 'OKP' || reader.uint8() !== 0) return undefined;
    const start = reader.offset;
    const number = reader.mpi();
    const checked = body.subarray(start, reader.offset);
    const checksum = reader.uint16();
    reader.end();
    if (number.length > 32 || checked.reduce((sum, byte) => (sum + byte) & 0xffff, 0) !== checksum) return undefined;
    const d = encodeBase64Url(joinBytes(new Uint8Array(32 - number.length), number));
    const secret = createPrivateKey({ key: { ...jwk, d }, format: 'jwk' });
    // A signature by another secret would tell of this one.
    return createPublicKey(secret).export({ format: 'jwk' }).x === jwk.x ? secret : undefined;
  } catch (error) {
    if (error instanceof FormatFault) return undefined;
    throw error;
  }
}

/** A signature over binary data, in the form that gpg and Sequoia read (RFC 9580, 5.2.3). */
function signPlainly(
  payload: Uint8Array,
  { secret, fingerprint, atSec }: { secret: KeyObject; fingerprint: string; atSec: number },
): Uint8Array {
  const name = toByteArray(hexToBytes(fingerprint.toLowerCase()));
  const subpacket = (kind: number, ...body: Uint8Array[]) => {
    const content = joinBytes(Uint8Array.of(kind), ...body);
    return joinBytes(Uint8Array.of(content.length), content);
  };
  const hashedArea = joinBytes(
    subpacket(ISSUER_FINGERPRINT, Uint8Array.of(4), name),
    subpacket(CREATED, Uint8Array.of(atSec >>> 24, (atSec >> 16) & 0xff, (atSec >> 8) & 0xff, atSec & 0xff)),
    subpacket(ISSUER_KEY_ID, name.subarray(-8)),
  );
  const hashedPart = joinBytes(Uint8Array.of(4, 0, EDDSA, SHA512, 0, hashedArea.length), hashedArea);
  const digest = hash('sha512', signedBytes(payload, hashedPart), 'buffer');
  const signature = sign(null, digest, secret);
  return encodeSignature({
    framing: 'new',
    algorithm: EDDSA,
    hash: 'sha512',
    hashedPart,
    createdAtSec: atSec,
    expiresAtSec: undefined,
    issuer: fingerprint,
    keyIdHashed: true,
    digestStart: digest.subarray(0, 2),
    values: [withoutZeros(signature.subarray(0, 32)), withoutZeros(signature.subarray(32))],
  });
}

function withoutZeros(number: Uint8Array): Uint8Array {
  return number.subarray(number.findIndex((byte) => byte !== 0));
}
