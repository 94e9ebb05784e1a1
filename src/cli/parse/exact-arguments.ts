import { type ByteString, utf8Decode, utf8Encode } from '../../core/byte-string.ts';

/** One character of UTF-8, or one byte that is none. */
const CHARACTER =
  /[\0-\x7f]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}|[\x80-\xff]/g;

/** What stands in a path for the byte 0x80, and so on: half of a pair of surrogates, which no text has alone. */
const ESCAPE = 0xdc00;

/**
 * The arguments of a process, with paths exactly as they were given: node has a replacement character for each byte that is not
 * UTF-8, and a file may have any name. {@link pathBytes} gives the bytes of such a path.
 *
 * @param readRaw - the arguments as the system has them; undefined where it does not tell
 */
export function exactArguments(argv: readonly string[], readRaw: () => readonly ByteString[] | undefined): string[] {
  const isPath = (i: number) => argv[i - 1] === '--path' || argv[i]?.startsWith('--path=') === true;
  if (!argv.some((text, i) => text.includes('\ufffd') && isPath(i))) return [...argv];
  const raw = readRaw()?.slice(-argv.length) ?? [];
  return argv.map((text, i) => (isPath(i) && raw[i] !== undefined ? escapeBytes(raw[i]) : text));
}

function escapeBytes(bytes: ByteString): string {
  return bytes.replace(CHARACTER, (part) => utf8Decode(part) ?? String.fromCharCode(ESCAPE + part.charCodeAt(0)));
}

/** The bytes of a path from {@link exactArguments}. */
export function pathBytes(text: string): ByteString {
  return text
    .split(/([\udc80-\udcff])/u)
    .map((part, i) => (i % 2 === 0 ? utf8Encode(part) : String.fromCharCode(part.charCodeAt(0) - ESCAPE)))
    .join('');
}
