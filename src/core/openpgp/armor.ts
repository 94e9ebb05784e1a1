import { decodeBase64, encodeBase64 } from '../base64.ts';
import { type ByteString, toByteArray } from '../byte-string.ts';
import { FormatFault } from './byte-reader.ts';

const BEGIN = '-----BEGIN PGP SIGNATURE-----\n\n';
const END = '-----END PGP SIGNATURE-----\n';
/** The checksum is an equals sign, four characters and a line feed. */
const CHECKSUM_AND_END = 6 + END.length;

/** The most that is looked at. A signature of an RSA key of 16,384 bits has some 3,000 bytes. */
const MAX_LENGTH = 8192;

/**
 * Writes a signature in the one armor that the program stores: no headers, lines of 64 characters, a checksum line.
 * It is what gpg writes; other writers' armor is brought into this shape before it is used.
 */
export function encodeArmor(packet: Uint8Array): ByteString {
  return armorOf(packet, encodeBase64(packet));
}

function armorOf(packet: Uint8Array, base64: string): ByteString {
  const lines = base64.replace(/.{1,64}/g, '$&\n');
  return `${BEGIN}${lines}=${btoa(crc24(packet))}\n${END}`;
}

/**
 * Reads an armored signature, accepting only what {@link encodeArmor} writes: every signature then has one spelling, and
 * nobody can vary an object's name without breaking it.
 *
 * @throws {FormatFault} for any other spelling
 */
export function decodeArmor(armor: ByteString): Uint8Array {
  if (armor.length > MAX_LENGTH) throw new FormatFault('the armor is too long');
  const base64 = armor.slice(BEGIN.length, -CHECKSUM_AND_END).replaceAll('\n', '');
  const packet = decodeBase64(base64);
  if (packet !== undefined && armorOf(packet, base64) === armor) return packet;
  decodeLooseArmor(armor); // Where it is no armor at all, this says so.
  throw new FormatFault('the armor is not in canonical form');
}

/**
 * Reads armor as programs write it: headers, any width of lines, CR LF. For the output of a signer that was just run, never
 * for what is to be verified. The checksum is not looked at: the signature proves more.
 *
 * @throws {FormatFault} if there is not exactly one signature block
 */
export function decodeLooseArmor(armor: ByteString): Uint8Array {
  const match =
    /^-----BEGIN PGP SIGNATURE-----\r?\n(?:[^\n:]+: [^\n]*\n)*\r?\n([A-Za-z0-9+/=\r\n]+)-----END PGP SIGNATURE-----\r?\n?$/.exec(
      armor,
    );
  if (match === null) throw new FormatFault('there is no well-formed armor');
  const base64 = (match[1] ?? '').replace(/\r?\n=[A-Za-z0-9+/]{4}\r?\n$/, '\n').replace(/[\r\n]/g, '');
  if (base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) {
    throw new FormatFault('the armor is not in base64');
  }
  return toByteArray(atob(base64));
}

/** What each byte adds to the checksum. */
const CRC_OF_BYTE = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 16;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x800000 ? (crc << 1) ^ 0x1864cfb : crc << 1;
  return crc;
});

/** The checksum of OpenPGP armor (RFC 9580, 6.1), three bytes. */
export function crc24(bytes: Uint8Array): ByteString {
  let crc = 0xb704ce;
  for (const byte of bytes) crc = ((crc << 8) & 0xffffff) ^ (CRC_OF_BYTE[(crc >> 16) ^ byte] ?? 0);
  return String.fromCharCode((crc >> 16) & 0xff, (crc >> 8) & 0xff, crc & 0xff);
}
