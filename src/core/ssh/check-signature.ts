import type { Arithmetic, HashName, RawSignature } from '../arithmetic.ts';
import { type ByteString, toByteArray } from '../byte-string.ts';
import { FormatFault, joinBytes } from '../openpgp/byte-reader.ts';
import type { SshKeyMaterial } from './ssh-public-key.ts';
import { WireReader } from './wire-format.ts';

/** RFC 8332, 3. */
const RSA_HASHES: Readonly<Record<string, HashName>> = { 'rsa-sha2-256': 'sha256', 'rsa-sha2-512': 'sha512' };
/** RFC 5656, 6.2.1. */
const ECDSA_HASHES = { 'P-256': 'sha256', 'P-384': 'sha384', 'P-521': 'sha512' } as const;

/** An authenticator says so when somebody touched it for this signature. */
const USER_PRESENT = 0x01;

/** A key that was taken in. */
export interface VerifyingKey {
  readonly material: SshKeyMaterial;
  readonly check: (raw: RawSignature) => Promise<boolean>;
}

/**
 * Whether `signature` (type, value, and what an authenticator adds) is one by `key` over `data`.
 *
 * @throws {FormatFault} if it is none that a key of that type makes, or nobody was there when an authenticator made it
 */
export async function checkSshSignature(
  { digest }: Pick<Arithmetic, 'digest'>,
  { material, check }: VerifyingKey,
  { signature, data }: { signature: Uint8Array; data: Uint8Array<ArrayBuffer> },
): Promise<boolean> {
  const reader = new WireReader(signature, 'the signature');
  const hash = demandHash(material, reader.name());
  const value = rawValue(material, reader.string());
  if (material.application === undefined) {
    reader.end();
    return check({ hash, message: data, signature: value });
  }
  const flags = reader.take(1);
  const counter = reader.take(4);
  reader.end();
  if (((flags[0] ?? 0) & USER_PRESENT) === 0) throw new FormatFault('nobody touched the authenticator that signed');
  // What an authenticator signs instead of the data (PROTOCOL.u2f).
  const application = await digest('sha256', bytesOf(material.application));
  const message = joinBytes(application, flags, counter, await digest('sha256', data));
  return check({ hash, message, signature: value });
}

/** The hash that goes with a type of signatures, where a key makes such. */
function demandHash({ type: keyType, jwk }: SshKeyMaterial, type: string): HashName {
  if (jwk.kty === 'RSA' && type === 'ssh-rsa') throw new FormatFault('the signature is made with SHA-1');
  const rsaHash = RSA_HASHES[type];
  if (jwk.kty === 'RSA' ? rsaHash === undefined : type !== keyType) {
    throw new FormatFault(`a key of type '${keyType}' makes no signature of type '${type}'`);
  }
  if (jwk.kty === 'EC') return ECDSA_HASHES[jwk.crv];
  // Ed25519 has one of its own.
  return rsaHash ?? 'sha512';
}

/** The value of a signature as numbers of a fixed length. */
function rawValue({ jwk, numberBytes }: SshKeyMaterial, value: Uint8Array): Uint8Array<ArrayBuffer> {
  if (jwk.kty !== 'EC') {
    if (value.length !== (jwk.kty === 'RSA' ? numberBytes : 2 * numberBytes)) throw wrongLength();
    return joinBytes(value);
  }
  const reader = new WireReader(value, 'the signature');
  const numbers = [reader.mpint(), reader.mpint()];
  reader.end();
  if (numbers.some((number) => number.length > numberBytes)) throw wrongLength();
  return joinBytes(...numbers.flatMap((number) => [new Uint8Array(numberBytes - number.length), number]));
}

function wrongLength(): FormatFault {
  return new FormatFault('the signature has the wrong length');
}

function bytesOf(text: ByteString): Uint8Array<ArrayBuffer> {
  return joinBytes(toByteArray(text));
}
