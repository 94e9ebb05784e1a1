import { createHash, createPublicKey, type JsonWebKey, type KeyObject, verify } from 'node:crypto';
import { ByteReader, bitLength, FormatFault } from './byte-reader.ts';
import type { SignaturePacket } from './signature-packet.ts';

/** A public key that can check signatures, in the form node wants it. */
export interface VerifyingKey {
  /** OpenPGP's number of the algorithm. */
  readonly algorithm: number;
  readonly object: KeyObject;
  /** Bytes of one number of a signature: the modulus of RSA, a coordinate of an elliptic curve. */
  readonly numberBytes: number;
}

/** The shortest RSA modulus that is accepted. */
const MIN_RSA_BITS = 2048;

const ED25519_CURVE = '2b06010401da470f01';

/** Curves of ECDSA by their object identifier. gpg also has brainpool and secp256k1, which other readers refuse. */
const ECDSA_CURVES: Readonly<Record<string, { crv: string; bytes: number }>> = {
  '2a8648ce3d030107': { crv: 'P-256', bytes: 32 },
  '2b81040022': { crv: 'P-384', bytes: 48 },
  '2b81040023': { crv: 'P-521', bytes: 66 },
};

/**
 * Reads the body of a public-key packet of version 4 (RFC 9580, 5.5.2).
 *
 * @throws {FormatFault} if the key is malformed, too weak, or of an algorithm that is not supported
 */
export function importPublicKey(body: Buffer): VerifyingKey {
  const reader = new ByteReader(body, 'the public key');
  const version = reader.uint8();
  if (version !== 4) throw new FormatFault(`keys of version ${version} are not supported`);
  reader.uint32(); // When it was made: part of the fingerprint, and judged with the certificate.
  const algorithm = reader.uint8();
  const { jwk, numberBytes } = readMaterial(reader, algorithm);
  reader.end();
  try {
    return { algorithm, object: createPublicKey({ key: jwk, format: 'jwk' }), numberBytes };
  } catch (error) {
    // A point that is not on its curve, for one.
    throw new FormatFault('the public key is not a valid one', { cause: error });
  }
}

/** Whether `signature` is one by `key` over `payload`: the arithmetic alone. */
export function checkSignature(key: VerifyingKey, signature: SignaturePacket, payload: Buffer): boolean {
  if (signature.algorithm !== key.algorithm) return false;
  const { hash, hashedPart, values } = signature;
  const trailer = Buffer.from([4, 0xff, 0, 0, 0, 0]);
  trailer.writeUInt32BE(hashedPart.length, 2);
  const signed = Buffer.concat([payload, hashedPart, trailer]);
  const digest = createHash(hash).update(signed).digest();
  if (!digest.subarray(0, 2).equals(signature.digestStart)) return false;
  if (values.some((value) => value.length > key.numberBytes)) return false;

  const raw = Buffer.concat(
    values.map((value) => Buffer.concat([Buffer.alloc(key.numberBytes - value.length), value])),
  );
  switch (key.algorithm) {
    case 22:
    case 27:
      // OpenPGP signs the digest with Ed25519, where others sign the message itself.
      return verify(null, digest, key.object, raw);
    case 19:
      return verify(hash, signed, { key: key.object, dsaEncoding: 'ieee-p1363' }, raw);
    default:
      return verify(hash, signed, key.object, raw);
  }
}

function readMaterial(reader: ByteReader, algorithm: number): { jwk: JsonWebKey; numberBytes: number } {
  switch (algorithm) {
    case 1:
    case 3:
      return readRsa(reader);
    case 19:
      return readEcdsa(reader);
    case 22:
      return readEdDsa(reader);
    case 27:
      // The signature is not two numbers, but 64 bytes in one.
      return { jwk: { kty: 'OKP', crv: 'Ed25519', x: reader.take(32).toString('base64url') }, numberBytes: 64 };
    default:
      throw new FormatFault(`public-key algorithm ${algorithm} is not supported for signatures`);
  }
}

function readRsa(reader: ByteReader): { jwk: JsonWebKey; numberBytes: number } {
  const modulus = reader.mpi();
  const exponent = reader.mpi();
  const bits = bitLength(modulus);
  if (bits < MIN_RSA_BITS) throw new FormatFault(`an RSA key of ${bits} bits is too weak`);
  const jwk = { kty: 'RSA', n: modulus.toString('base64url'), e: exponent.toString('base64url') };
  return { jwk, numberBytes: modulus.length };
}

function readEcdsa(reader: ByteReader): { jwk: JsonWebKey; numberBytes: number } {
  const curve = ECDSA_CURVES[reader.take(reader.uint8()).toString('hex')];
  if (curve === undefined) throw new FormatFault('the elliptic curve of the key is not supported');
  const point = reader.mpi();
  if (point.length !== 1 + 2 * curve.bytes || point[0] !== 4) throw new FormatFault('the public key is malformed');
  const x = point.toString('base64url', 1, 1 + curve.bytes);
  const y = point.toString('base64url', 1 + curve.bytes);
  return { jwk: { kty: 'EC', crv: curve.crv, x, y }, numberBytes: curve.bytes };
}

function readEdDsa(reader: ByteReader): { jwk: JsonWebKey; numberBytes: number } {
  const curve = reader.take(reader.uint8()).toString('hex');
  if (curve !== ED25519_CURVE) throw new FormatFault('the elliptic curve of the key is not supported');
  const point = reader.mpi();
  if (point.length !== 33 || point[0] !== 0x40) throw new FormatFault('the public key is malformed');
  return { jwk: { kty: 'OKP', crv: 'Ed25519', x: point.toString('base64url', 1) }, numberBytes: 32 };
}
