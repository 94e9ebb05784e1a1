import { once } from './once.ts';

/**
 * Bytes held in a string, one byte a character (U+0000 to U+00FF).
 *
 * Tags, commits, trees and paths are bytes that need not be UTF-8. As byte strings they can be
 * searched, split, compared and used as keys, byte for byte, and they sort in git's order.
 * Adapters convert at the border (`Buffer.from(s, 'latin1')`); text for people comes from {@link displayBytes}.
 */
export type ByteString = string;

// A negated class, since the expression engine scans faster than a loop that has just been compiled.
const NOT_ASCII = /[^\x20-\x7e\n]/;
const NOT_PLAIN = /[^\x20-\x7e]/;

/** Whether there is nothing but printable ASCII and line feeds: the same as text, as bytes, and as UTF-8. */
function isAscii(text: string): boolean {
  return !NOT_ASCII.test(text);
}

/** Encodes text as UTF-8. @throws {RangeError} for a lone surrogate, which has no encoding */
export function utf8Encode(text: string): ByteString {
  if (isAscii(text)) return text;
  if (!text.isWellFormed()) throw new RangeError('text has a lone surrogate');
  return fromByteArray(new TextEncoder().encode(text));
}

/** Decodes UTF-8, or gives undefined where the bytes are not UTF-8. */
export function utf8Decode(bytes: ByteString): string | undefined {
  if (isAscii(bytes)) return bytes;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(toByteArray(bytes));
  } catch {
    return undefined;
  }
}

/** The bytes of a byte string. */
export function toByteArray(bytes: ByteString): Uint8Array {
  const array = new Uint8Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) array[i] = bytes.charCodeAt(i);
  return array;
}

/** The byte string of some bytes. */
export function fromByteArray(array: Uint8Array): ByteString {
  let out = '';
  // In pieces: the arguments of one call are limited.
  for (let i = 0; i < array.length; i += 8192)
    out += Reflect.apply(String.fromCharCode, undefined, array.subarray(i, i + 8192));
  return out;
}

const HEX_DIGIT = new Uint8Array(128);
for (const [value, digit] of [...'0123456789abcdef'].entries()) HEX_DIGIT[digit.charCodeAt(0)] = value;

/** The bytes that `hex` stands for: lower case, an even number of digits. */
export function hexToBytes(hex: string): ByteString {
  // One string from all codes: adding them one by one makes as many strings.
  const codes: number[] = [];
  for (let i = 0; i < hex.length; i += 2) {
    codes.push(((HEX_DIGIT[hex.charCodeAt(i)] ?? 0) << 4) | (HEX_DIGIT[hex.charCodeAt(i + 1)] ?? 0));
  }
  return String.fromCharCode(...codes);
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const HEX_CODES = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));

/** Lower-case hexadecimal of `bytes[from..to)`. */
export function bytesToHex(bytes: ByteString, from = 0, to = bytes.length): string {
  // One string from all codes: one that is added up is a tree of its parts, which takes five times the memory.
  const codes = new Uint8Array((to - from) * 2);
  for (let i = from, at = 0; i < to; i++) {
    const byte = bytes.charCodeAt(i);
    codes[at++] = HEX_CODES[byte >> 4] ?? 0;
    codes[at++] = HEX_CODES[byte & 0xf] ?? 0;
  }
  return fromByteArray(codes);
}

// Controls (C0, DEL, C1), bidirectional formatting, and whatever is drawn as nothing or as a blank that is no space:
// what can make a terminal, or a reader, see something other than the bytes. Of the invisible ones, only the selector
// that makes a pictograph colourful passes, and only where it does that.
// Made when there is anything but ASCII: the engine looks up all these characters for it.
const unsafe = once(
  () =>
    /(?!(?<=\p{Extended_Pictographic})\ufe0f)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Co}\p{DI}\p{NChar}\u2800\ufffc\ufffd]/u,
);
const eachUnsafe = once(() => new RegExp(unsafe().source, 'gu'));

/** Whether text holds a character that must not reach a terminal or a signed message. Line feeds and tabs count too. */
export function hasUnsafeCharacters(text: string): boolean {
  return NOT_PLAIN.test(text) && unsafe().test(text);
}

/** Text as a terminal may show it: unsafe characters as `\u{…}`. */
export function escapeText(text: string): string {
  if (!NOT_PLAIN.test(text)) return text;
  return text.replace(eachUnsafe(), (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`);
}

/** More is not read, and may be as long as somebody likes. */
const MAX_QUOTED = 200;

/** Text that somebody gave, as a message quotes it: on one line, cut where it is long. */
export function quoteText(text: string): string {
  return `'${escapeText(text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text)}'`;
}

/**
 * Bytes as a person may read them: UTF-8 as it is, everything unsafe or undecodable escaped, and the
 * whole in double quotes where it had to be escaped, as git quotes odd paths.
 */
export function displayBytes(bytes: ByteString): string {
  const text = utf8Decode(bytes);
  if (text !== undefined && !unsafe().test(text) && !/["\\]/.test(text)) return text;
  if (text !== undefined) {
    const escaped = text.replace(/["\\]/g, '\\$&').replace(/\n/g, '\\n').replace(/\t/g, '\\t').replace(/\r/g, '\\r');
    return `"${escapeText(escaped)}"`;
  }
  let out = '';
  for (const c of bytes) {
    const code = c.charCodeAt(0);
    if (c === '"' || c === '\\') out += `\\${c}`;
    else if (code >= 0x20 && code < 0x7f) out += c;
    else out += `\\${code.toString(8).padStart(3, '0')}`;
  }
  return `"${out}"`;
}

/** Percent-encodes every byte but printable ASCII other than space and `%`. Reversed by {@link percentDecode}. */
export function percentEncode(bytes: ByteString): string {
  let out = '';
  for (let i = 0; i < bytes.length; i++) {
    const code = bytes.charCodeAt(i);
    out += code > 0x20 && code < 0x7f && code !== 0x25 ? bytes[i] : `%${(HEX[code] ?? '').toUpperCase()}`;
  }
  return out;
}

/** Reverses {@link percentEncode}; undefined for what that function would not have written. */
export function percentDecode(text: string): ByteString | undefined {
  const bytes = text.replace(/%([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return percentEncode(bytes) === text ? bytes : undefined;
}
