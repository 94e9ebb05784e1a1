import type { Arithmetic, RawSignature } from '../arithmetic.ts';
import { joinBytes, sameBytes } from './byte-reader.ts';
import type { OpenPgpKeyMaterial } from './public-key.ts';
import type { SignatureValue } from './signature-packet.ts';

/** A key that was taken in. */
export interface VerifyingKey {
  readonly material: OpenPgpKeyMaterial;
  readonly check: (raw: RawSignature) => Promise<boolean>;
}

/** Whether `signature` is one by `key` over `payload`: the arithmetic alone. */
export async function checkSignature(
  { digest }: Pick<Arithmetic, 'digest'>,
  { material, check }: VerifyingKey,
  { signature, payload }: { signature: SignatureValue; payload: Uint8Array },
): Promise<boolean> {
  const { algorithm, numberBytes, jwk } = material;
  const { hash, hashedPart, values } = signature;
  if (signature.algorithm !== algorithm) return false;
  const signed = signedBytes(payload, hashedPart);
  const digested = await digest(hash, signed);
  if (!sameBytes(digested.subarray(0, 2), signature.digestStart)) return false;
  if (values.some((value) => value.length > numberBytes)) return false;

  const raw = joinBytes(...values.flatMap((value) => [new Uint8Array(numberBytes - value.length), value]));
  // OpenPGP signs the digest with Ed25519, where others sign the message itself.
  return check({ hash, message: jwk.kty === 'OKP' ? joinBytes(digested) : signed, signature: raw });
}

/** What a signature of version 4 is over, digested (RFC 9580, 5.2.4). */
export function signedBytes(payload: Uint8Array, hashedPart: Uint8Array): Uint8Array<ArrayBuffer> {
  const { length } = hashedPart;
  const trailer = Uint8Array.of(4, 0xff, length >>> 24, (length >> 16) & 0xff, (length >> 8) & 0xff, length & 0xff);
  return joinBytes(payload, hashedPart, trailer);
}
