import { decodeBase64, encodeBase64 } from '../base64.ts';
import type { ByteString } from '../byte-string.ts';
import { crc24 } from './armor.ts';

/** What stands in the first line. */
type Kind = 'PUBLIC' | 'PRIVATE';

/** The most that is looked at: a key with many signatures is for the library to read. */
const MAX_LENGTH = 8192;

/** Writes keys as openpgp.js does: no headers, lines of 60 characters, a checksum line. */
export function encodeKeyArmor(packets: Uint8Array, kind: Kind): ByteString {
  const lines = encodeBase64(packets).replace(/.{1,60}/g, '$&\n');
  return `-----BEGIN PGP ${kind} KEY BLOCK-----\n\n${lines}=${btoa(crc24(packets))}\n-----END PGP ${kind} KEY BLOCK-----\n`;
}

/** Reads armor without headers and with a checksum; undefined for any other, which may well be good. */
export function decodeKeyArmor(armored: ByteString, kind: Kind): Uint8Array | undefined {
  if (armored.length > MAX_LENGTH) return undefined;
  const block = `PGP ${kind} KEY BLOCK-----`;
  const begin = `-----BEGIN ${block}\n\n`;
  const end = `\n-----END ${block}`;
  const text = armored.endsWith('\n') ? armored.slice(0, -1) : armored;
  if (!text.startsWith(begin) || !text.endsWith(end)) return undefined;
  const [, lines, checksum] =
    /^((?:[A-Za-z0-9+/=]+\n)+)=([A-Za-z0-9+/]{4})$/.exec(text.slice(begin.length, -end.length)) ?? [];
  const packets = lines === undefined ? undefined : decodeBase64(lines.replaceAll('\n', ''));
  return packets !== undefined && btoa(crc24(packets)) === checksum ? packets : undefined;
}
