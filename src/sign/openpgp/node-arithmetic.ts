import { createPublicKey, hash, type KeyObject, type VerifyKeyObjectInput, verify } from 'node:crypto';
import type { Arithmetic, KeyMaterial } from '../../core/arithmetic.ts';
import { FormatFault } from '../../core/openpgp/byte-reader.ts';

/** Hashes and checks signatures by node:crypto. */
export const nodeArithmetic: Arithmetic = {
  digest: async (name, bytes) => hash(name, bytes, 'buffer'),
  importKey: async (material) => {
    const key = keyObject(material);
    return ({ hash, message, signature }) => {
      switch (material.jwk.kty) {
        case 'OKP':
          return verifyAside(null, { message, key, signature });
        case 'EC':
          return verifyAside(hash, { message, key: { key, dsaEncoding: 'ieee-p1363' }, signature });
        case 'RSA':
          return verifyAside(hash, { message, key, signature });
      }
    };
  },
};

interface SignatureToVerify {
  readonly message: Uint8Array;
  readonly key: KeyObject | VerifyKeyObjectInput;
  readonly signature: Uint8Array;
}

/** On a thread of node's own, so that those who ask for many at once get them from all processors. */
function verifyAside(hash: string | null, { message, key, signature }: SignatureToVerify): Promise<boolean> {
  return new Promise((resolve, reject) => {
    verify(hash, message, key, signature, (error, isGood) => (error === null ? resolve(isGood) : reject(error)));
  });
}

function keyObject({ jwk }: KeyMaterial): KeyObject {
  try {
    return createPublicKey({ key: { ...jwk }, format: 'jwk' });
  } catch (error) {
    // A point that is not on its curve, for one.
    throw new FormatFault('the public key is not a valid one', { cause: error });
  }
}
