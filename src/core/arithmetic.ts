/** Hashes that a signature may be over. */
export type HashName = 'sha256' | 'sha384' | 'sha512';

/** The curves of ECDSA that are accepted. */
export type EcdsaCurve = 'P-256' | 'P-384' | 'P-521';

/** A public key that can check signatures, in the form that every cryptographic library reads. */
export interface KeyMaterial {
  readonly jwk:
    | { readonly kty: 'RSA'; readonly n: string; readonly e: string }
    | { readonly kty: 'EC'; readonly crv: EcdsaCurve; readonly x: string; readonly y: string }
    | { readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly x: string };
  /** Bytes of one number of a signature: the modulus of RSA, a coordinate of an elliptic curve. */
  readonly numberBytes: number;
}

/** What is to be held against a key: a signature as fixed-length numbers, and the bytes that it is over. */
export interface RawSignature {
  /** Hashed by the check itself; Ed25519 does not look at it. */
  readonly hash: HashName;
  readonly message: Uint8Array<ArrayBuffer>;
  /** RSA: PKCS #1 v1.5, as long as the modulus. ECDSA: r and s, each as long as a coordinate. Ed25519: 64 bytes. */
  readonly signature: Uint8Array<ArrayBuffer>;
}

/** The arithmetic of signatures, which each runtime has of its own. */
export interface Arithmetic {
  /** By SHA-1 only what OpenPGP names keys by. */
  digest(hash: HashName | 'sha1', bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array>;
  /**
   * Takes a key in, to check any number of signatures.
   *
   * @throws {FormatFault} if it is no valid key: a point that is not on its curve, for one
   */
  importKey(key: KeyMaterial): Promise<(raw: RawSignature) => Promise<boolean>>;
}
