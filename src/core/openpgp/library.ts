/**
 * What we use of openpgp.js, as types: so that certificates are judged by the same code wherever the library is loaded from.
 */
interface OpenPgpLibrary {
  readKeys(options: { armoredKeys: string; config: object }): Promise<LibraryKey[]>;
  readonly PublicKeyPacket: PacketClass<Dated>;
  readonly PublicSubkeyPacket: PacketClass<Dated>;
  readonly SignaturePacket: PacketClass<LibrarySignature>;
}

/** The library, and what we ask of keys. */
export interface OpenPgp {
  readonly lib: OpenPgpLibrary;
  /** Hashes that collide are refused in self-signatures too, and short RSA keys. */
  readonly strict: object & { readonly rejectHashAlgorithms: ReadonlySet<number> };
}

type PacketClass<Packet> = abstract new (...parts: never[]) => Packet;

interface Dated {
  getCreationTime(): Date;
}

/** A signature in a certificate. */
export interface LibrarySignature {
  readonly hashAlgorithm: number | null;
  readonly created: Date | null;
  readonly signatureExpirationTime: number | null;
  readonly keyExpirationTime: number | null;
  readonly embeddedSignature: LibrarySignature | null;
}

/** A primary key or a subkey. */
export interface LibrarySubkey extends Dated {
  getFingerprint(): string;
  getKeyID(): object;
  readonly keyPacket: { write(): Uint8Array };
  readonly revocationSignatures: readonly LibrarySignature[];
  readonly bindingSignatures: readonly LibrarySignature[];
}

/** A certificate. */
export interface LibraryKey extends Omit<LibrarySubkey, 'bindingSignatures' | 'keyPacket'> {
  readonly keyPacket: { readonly version: number; write(): Uint8Array };
  readonly subkeys: readonly LibrarySubkey[];
  readonly users: readonly {
    readonly userID: object | null;
    readonly selfCertifications: readonly LibrarySignature[];
  }[];
  isPrivate(): boolean;
  getUserIDs(): string[];
  getAlgorithmInfo(): { readonly algorithm: string };
  /** Infinity for a key that does not expire, null for one that is not valid at all. */
  toPacketList(): Iterable<object>;
  getSigningKey(
    keyId: object | undefined,
    date: Date,
    userId: undefined,
    config: object | undefined,
  ): Promise<Pick<LibrarySubkey, 'getFingerprint'>>;
}

/** Settings of openpgp.js under which keys are judged. */
export function strictConfig<Config extends object, Hash extends number>(
  config: Config,
  { md5, sha1, ripemd }: Readonly<Record<'md5' | 'sha1' | 'ripemd', Hash>>,
): Config & { rejectHashAlgorithms: Set<Hash>; minRSABits: number } {
  return { ...config, rejectHashAlgorithms: new Set([md5, sha1, ripemd]), minRSABits: 2048 };
}
