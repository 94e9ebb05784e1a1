import { decodeBase64, encodeBase64 } from '../base64.ts';
import { type ByteString, displayBytes, fromByteArray, toByteArray } from '../byte-string.ts';
import { FormatFault, joinBytes, sameBytes } from '../openpgp/byte-reader.ts';
import { WireReader, wireString, wireUint32 } from './wire-format.ts';

/** What git's signatures are for. One made for anything else (`file`, `email`) says nothing about a tag. */
export const NAMESPACE = 'git';

const BEGIN = '-----BEGIN SSH SIGNATURE-----\n';
const END = '-----END SSH SIGNATURE-----\n';
const MAGIC = toByteArray('SSHSIG');
const VERSION = 1;

/** The most that is looked at. A signature of an RSA key of 16,384 bits has some 5,600 characters. */
const MAX_LENGTH = 8192;

/** A detached signature in OpenSSH's format (PROTOCOL.sshsig), made for git. */
export interface SshSignature {
  /** The blob of the key that is said to have signed. */
  readonly publicKey: Uint8Array;
  /** The digest of the content that is signed. */
  readonly hash: 'sha256' | 'sha512';
  /** The signature proper, as the key's type has it. */
  readonly signature: Uint8Array;
}

/** Writes a signature in the armor that ssh-keygen writes: no headers, lines of 70 characters. */
export function encodeSshArmor({ publicKey, hash, signature }: SshSignature): ByteString {
  const fields = [publicKey, NAMESPACE, '', hash, signature].map(wireString);
  return armorOf(encodeBase64(joinBytes(MAGIC, wireUint32(VERSION), ...fields)));
}

function armorOf(base64: string): ByteString {
  return `${BEGIN}${base64.replace(/.{1,70}/g, '$&\n')}${END}`;
}

/**
 * Reads an armored signature, accepting only what {@link encodeSshArmor} writes: every signature then has one spelling,
 * and nobody can vary an object's name without breaking it.
 *
 * @throws {FormatFault} saying what is wrong
 */
export function parseSshArmor(armor: ByteString): SshSignature {
  if (armor.length > MAX_LENGTH) throw new FormatFault('the armor is too long');
  const base64 = armor.slice(BEGIN.length, -END.length).replaceAll('\n', '');
  const bytes = decodeBase64(base64);
  if (bytes === undefined) throw new FormatFault('there is no well-formed armor');
  if (armorOf(base64) !== armor) throw new FormatFault('the armor is not in canonical form');
  // What is read here is written by one sequence of bytes alone: nothing is skipped, and no length has two spellings.
  return parseSignature(bytes);
}

/**
 * The bytes that a key really signs: where they come from, what for, and the digest of the content.
 *
 * @param digest - of the content, by `hash`
 */
export function signedBytes(hash: SshSignature['hash'], digest: Uint8Array): Uint8Array<ArrayBuffer> {
  return joinBytes(MAGIC, ...[NAMESPACE, '', hash, digest].map(wireString));
}

function parseSignature(bytes: Uint8Array): SshSignature {
  const reader = new WireReader(bytes, 'the signature');
  if (!sameBytes(reader.take(MAGIC.length), MAGIC)) throw new FormatFault('it is not an SSH signature');
  const version = reader.uint32();
  if (version !== VERSION) throw new FormatFault(`SSH signatures of version ${version} are not supported`);
  const publicKey = reader.string();
  const namespace = fromByteArray(reader.string());
  if (namespace !== NAMESPACE) {
    throw new FormatFault(`the signature was made for '${displayBytes(namespace.slice(0, 64))}', and not for git`);
  }
  if (reader.string().length > 0) throw new FormatFault('the signature has a reserved field that is not empty');
  const hash = reader.name();
  if (hash !== 'sha256' && hash !== 'sha512')
    throw new FormatFault(`the hash '${displayBytes(hash)}' is not supported`);
  const signature = reader.string();
  reader.end();
  return { publicKey, hash, signature };
}
