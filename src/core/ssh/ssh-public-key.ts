import type { EcdsaCurve, KeyMaterial } from '../arithmetic.ts';
import { decodeBase64, encodeBase64, encodeBase64Url } from '../base64.ts';
import { type ByteString, displayBytes, fromByteArray } from '../byte-string.ts';
import { bitLength, FormatFault } from '../openpgp/byte-reader.ts';
import { WireReader } from './wire-format.ts';

const MIN_RSA_BITS = 2048;
/** As much as OpenSSH takes. Checking a signature of a larger one could take minutes. */
const MAX_RSA_BITS = 16_384;

/** What kinds of keys sign. `sk-` keys are on a FIDO authenticator. */
const SCHEMES = {
  'ssh-ed25519': { scheme: 'ed25519', onToken: false },
  'ssh-rsa': { scheme: 'rsa', onToken: false },
  'ecdsa-sha2-nistp256': { scheme: 'ecdsa', onToken: false },
  'ecdsa-sha2-nistp384': { scheme: 'ecdsa', onToken: false },
  'ecdsa-sha2-nistp521': { scheme: 'ecdsa', onToken: false },
  'sk-ssh-ed25519@openssh.com': { scheme: 'ed25519', onToken: true },
  'sk-ecdsa-sha2-nistp256@openssh.com': { scheme: 'ecdsa', onToken: true },
} as const;

const CURVES: Readonly<Record<string, { crv: EcdsaCurve; bytes: number }>> = {
  nistp256: { crv: 'P-256', bytes: 32 },
  nistp384: { crv: 'P-384', bytes: 48 },
  nistp521: { crv: 'P-521', bytes: 66 },
};

/** A type of keys that is accepted, as OpenSSH names it. */
type SshKeyType = keyof typeof SCHEMES;

/** What the blob of a public key says. */
export interface SshKeyMaterial extends KeyMaterial {
  readonly type: SshKeyType;
  /** The key as SSH's wire format has it: what its id is the SHA-256 of. */
  readonly blob: Uint8Array;
  /** What an authenticator's key is for; undefined for a key that is on none. */
  readonly application: ByteString | undefined;
}

/**
 * Reads the blob of a public key. Whether a point is on its curve is for the library to say that takes the key in.
 *
 * @throws {FormatFault} if it is malformed, too weak, or of a type that is not supported: DSA, certificates, and all others
 */
export function parseKeyBlob(blob: Uint8Array): SshKeyMaterial {
  const reader = new WireReader(blob, 'the public key');
  const type = demandType(reader.name());
  const { jwk, numberBytes } = readMaterial(reader, type);
  const application = SCHEMES[type].onToken ? fromByteArray(reader.string()) : undefined;
  reader.end();
  if (application?.startsWith('ssh:') === false) {
    throw new FormatFault(`the key is for '${displayBytes(application)}', and not for SSH`);
  }
  return { type, blob, jwk, numberBytes, application };
}

/**
 * Reads a line of a `.pub` file, with or without its line feed: type, blob in base64, perhaps a comment.
 *
 * @throws {FormatFault} saying what is wrong
 */
export function parseKeyLine(line: ByteString): { material: SshKeyMaterial; comment: ByteString } {
  const [, word = '', base64 = '', comment = ''] = /^(\S+)[ \t]+(\S+)(?:[ \t]+(\S.*?))?[ \t]*\n?$/.exec(line) ?? [];
  if (word === '') throw new FormatFault('not the line of an SSH public key');
  const type = demandType(word);
  const blob = decodeBase64(base64);
  if (blob === undefined) throw new FormatFault('the public key is not in base64');
  const material = parseKeyBlob(blob);
  if (material.type !== type) throw new FormatFault(`a key of type '${material.type}' stands as '${type}'`);
  return { material, comment };
}

/** Writes the one line that policies keep of a key: type and blob, no comment, a line feed. */
export function encodeKeyLine({ type, blob }: Pick<SshKeyMaterial, 'type' | 'blob'>): ByteString {
  return `${type} ${encodeBase64(blob)}\n`;
}

/** @throws {FormatFault} for a type that is not supported, by its name */
function demandType(name: string): SshKeyType {
  if (Object.hasOwn(SCHEMES, name)) return name as SshKeyType;
  if (name === 'ssh-dss') throw new FormatFault('DSA keys are too weak');
  if (/-cert-v\d+@openssh\.com$/.test(name)) throw new FormatFault('SSH certificates are not supported');
  throw new FormatFault(`keys of type '${displayBytes(name.slice(0, 64))}' are not supported`);
}

function readMaterial(reader: WireReader, type: SshKeyType): KeyMaterial {
  switch (SCHEMES[type].scheme) {
    case 'rsa':
      return readRsa(reader);
    case 'ecdsa':
      return readEcdsa(reader, type);
    case 'ed25519': {
      const point = reader.string();
      if (point.length !== 32) throw new FormatFault('the public key is malformed');
      return { jwk: { kty: 'OKP', crv: 'Ed25519', x: encodeBase64Url(point) }, numberBytes: 32 };
    }
  }
}

function readRsa(reader: WireReader): KeyMaterial {
  const exponent = reader.mpint();
  const modulus = reader.mpint();
  const bits = bitLength(modulus);
  if (bits < MIN_RSA_BITS) throw new FormatFault(`an RSA key of ${bits} bits is too weak`);
  if (bits > MAX_RSA_BITS) throw new FormatFault(`an RSA key of ${bits} bits is too large`);
  // With 1 as the exponent, everybody can sign; an even one belongs to no key.
  if (bitLength(exponent) < 2 || bitLength(exponent) > 64 || ((exponent.at(-1) ?? 0) & 1) === 0) {
    throw new FormatFault('the exponent of the RSA key is not a usual one');
  }
  const jwk = { kty: 'RSA', n: encodeBase64Url(modulus), e: encodeBase64Url(exponent) } as const;
  return { jwk, numberBytes: modulus.length };
}

function readEcdsa(reader: WireReader, type: SshKeyType): KeyMaterial {
  const name = reader.name();
  const curve = CURVES[name];
  if (curve === undefined || !type.includes(name))
    throw new FormatFault('the curve is not that of the type of the key');
  const point = reader.string();
  if (point.length !== 1 + 2 * curve.bytes || point[0] !== 4) throw new FormatFault('the public key is malformed');
  const x = encodeBase64Url(point.subarray(1, 1 + curve.bytes));
  const y = encodeBase64Url(point.subarray(1 + curve.bytes));
  return { jwk: { kty: 'EC', crv: curve.crv, x, y }, numberBytes: curve.bytes };
}
