import type { EcdsaCurve, KeyMaterial } from '../arithmetic.ts';
import { encodeBase64Url } from '../base64.ts';
import { bytesToHex, fromByteArray } from '../byte-string.ts';
import { ByteReader, bitLength, FormatFault } from './byte-reader.ts';

/** A public key, and what OpenPGP calls it. */
export interface OpenPgpKeyMaterial extends KeyMaterial {
  /** OpenPGP's number of the algorithm. */
  readonly algorithm: number;
}

/** OpenPGP's number of EdDSA as gpg 2.2 knows it, with its curve named. */
export const EDDSA = 22;

/** The shortest RSA modulus that is accepted. */
const MIN_RSA_BITS = 2048;

const ED25519_CURVE = '2b06010401da470f01';

/** Curves of ECDSA by their object identifier. gpg also has brainpool and secp256k1, which other readers refuse. */
const ECDSA_CURVES: Readonly<Record<string, { crv: EcdsaCurve; bytes: number }>> = {
  '2a8648ce3d030107': { crv: 'P-256', bytes: 32 },
  '2b81040022': { crv: 'P-384', bytes: 48 },
  '2b81040023': { crv: 'P-521', bytes: 66 },
};

/**
 * Reads the body of a public-key packet of version 4 (RFC 9580, 5.5.2). Whether a point is on its curve is for the library
 * to say that takes the key in.
 *
 * @throws {FormatFault} if the key is malformed, too weak, or of an algorithm that is not supported
 */
export function parsePublicKey(body: Uint8Array): OpenPgpKeyMaterial {
  const reader = new ByteReader(body, 'the public key');
  const version = reader.uint8();
  if (version !== 4) throw new FormatFault(`keys of version ${version} are not supported`);
  reader.uint32(); // When it was made: part of the fingerprint, and judged with the certificate.
  const algorithm = reader.uint8();
  const material = readMaterial(reader, algorithm);
  reader.end();
  return { algorithm, ...material };
}

function readMaterial(reader: ByteReader, algorithm: number): KeyMaterial {
  switch (algorithm) {
    case 1:
    case 3:
      return readRsa(reader);
    case 19:
      return readEcdsa(reader);
    case EDDSA:
      return readEdDsa(reader);
    case 27:
      // The signature is not two numbers, but 64 bytes in one.
      return { jwk: { kty: 'OKP', crv: 'Ed25519', x: encodeBase64Url(reader.take(32)) }, numberBytes: 64 };
    default:
      throw new FormatFault(`public-key algorithm ${algorithm} is not supported for signatures`);
  }
}

function readRsa(reader: ByteReader): KeyMaterial {
  const modulus = reader.mpi();
  const exponent = reader.mpi();
  const bits = bitLength(modulus);
  if (bits < MIN_RSA_BITS) throw new FormatFault(`an RSA key of ${bits} bits is too weak`);
  return {
    jwk: { kty: 'RSA', n: encodeBase64Url(modulus), e: encodeBase64Url(exponent) },
    numberBytes: modulus.length,
  };
}

function readEcdsa(reader: ByteReader): KeyMaterial {
  const curve = ECDSA_CURVES[hex(reader.take(reader.uint8()))];
  if (curve === undefined) throw new FormatFault('the elliptic curve of the key is not supported');
  const point = reader.mpi();
  if (point.length !== 1 + 2 * curve.bytes || point[0] !== 4) throw new FormatFault('the public key is malformed');
  const x = encodeBase64Url(point.subarray(1, 1 + curve.bytes));
  const y = encodeBase64Url(point.subarray(1 + curve.bytes));
  return { jwk: { kty: 'EC', crv: curve.crv, x, y }, numberBytes: curve.bytes };
}

function readEdDsa(reader: ByteReader): KeyMaterial {
  const curve = hex(reader.take(reader.uint8()));
  if (curve !== ED25519_CURVE) throw new FormatFault('the elliptic curve of the key is not supported');
  const point = reader.mpi();
  if (point.length !== 33 || point[0] !== 0x40) throw new FormatFault('the public key is malformed');
  return { jwk: { kty: 'OKP', crv: 'Ed25519', x: encodeBase64Url(point.subarray(1)) }, numberBytes: 32 };
}

function hex(bytes: Uint8Array): string {
  return bytesToHex(fromByteArray(bytes));
}
