import type { Arithmetic, HashName, KeyMaterial } from '../core/arithmetic.ts';
import { SnapshotError } from '../core/errors.ts';
import { FormatFault } from '../core/openpgp/byte-reader.ts';

const HASHES: Readonly<Record<HashName | 'sha1', string>> = {
  sha1: 'SHA-1',
  sha256: 'SHA-256',
  sha384: 'SHA-384',
  sha512: 'SHA-512',
};

/** Hashes and checks signatures by the Web Cryptography API, which browsers and node have alike. */
export const webArithmetic: Arithmetic = {
  digest: async (hash, bytes) => new Uint8Array(await subtle().digest(HASHES[hash], bytes)),
  importKey: async (material) => {
    // A key of RSA is bound to a hash as it is taken in: so one for each hash.
    const keys = new Map<HashName, Promise<CryptoKey>>();
    const keyFor = (hash: HashName) => {
      const bound = material.jwk.kty === 'RSA' ? hash : 'sha512';
      const known = keys.get(bound);
      if (known !== undefined) return known;
      const imported = importKey(material, bound);
      keys.set(bound, imported);
      return imported;
    };
    await keyFor('sha512');
    return async ({ hash, message, signature }) =>
      subtle().verify(algorithmOf(material, hash), await keyFor(hash), signature, message);
  },
};

type CryptoKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

async function importKey(material: KeyMaterial, hash: HashName): Promise<CryptoKey> {
  try {
    return await subtle().importKey('jwk', { ...material.jwk }, algorithmOf(material, hash), false, ['verify']);
  } catch (error) {
    const name = error instanceof Error || error instanceof DOMException ? error.name : '';
    // A modulus that is longer than this browser takes is no fault of the key.
    if (name === 'NotSupportedError' || (name === 'DataError' && material.jwk.kty === 'RSA')) {
      throw unsupported(material, error);
    }
    // A point that is not on its curve, for one.
    if (name === 'DataError') throw new FormatFault('the public key is not a valid one', { cause: error });
    throw error;
  }
}

function algorithmOf({ jwk }: KeyMaterial, hash: HashName) {
  switch (jwk.kty) {
    case 'OKP':
      return { name: 'Ed25519' };
    case 'EC':
      return { name: 'ECDSA', namedCurve: jwk.crv, hash: HASHES[hash] };
    case 'RSA':
      return { name: 'RSASSA-PKCS1-v1_5', hash: HASHES[hash] };
  }
}

function subtle(): typeof crypto.subtle {
  // Browsers hide it from pages that came over plain HTTP.
  if (globalThis.crypto?.subtle !== undefined) return globalThis.crypto.subtle;
  throw new SnapshotError('config', 'there is no Web Cryptography here, so signatures cannot be checked', {
    hint: 'Serve the page over HTTPS.',
  });
}

/** Not a verdict: we cannot tell. */
function unsupported({ jwk }: KeyMaterial, cause: unknown): SnapshotError {
  const name = jwk.kty === 'RSA' ? 'RSA' : jwk.crv;
  return new SnapshotError('config', `the Web Cryptography of this browser cannot check signatures of type ${name}`, {
    hint: 'Use a newer browser, or "git snapshot verify".',
    cause,
  });
}
