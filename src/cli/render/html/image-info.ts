import type { ByteString } from '../../../core/byte-string.ts';

/** What a browser needs to draw an image. */
export interface ImageInfo {
  readonly type: string;
  /** Undefined where the file does not say, as in SVG. */
  readonly size: { readonly width: number; readonly height: number } | undefined;
}

/** The kind of an image by what it begins with, whatever its name; undefined for anything else. */
export function imageInfo(content: ByteString): ImageInfo | undefined {
  if (content.startsWith('\x89PNG\r\n\x1a\n'))
    return { type: 'image/png', size: { width: big32(content, 16), height: big32(content, 20) } };
  if (/^GIF8[79]a/.test(content))
    return { type: 'image/gif', size: { width: little16(content, 6), height: little16(content, 8) } };
  if (content.startsWith('\xff\xd8\xff')) return { type: 'image/jpeg', size: jpegSize(content) };
  if (content.startsWith('RIFF') && content.slice(8, 12) === 'WEBP')
    return { type: 'image/webp', size: webpSize(content) };
  if (SVG.test(content.slice(0, 4096))) return { type: 'image/svg+xml', size: undefined };
  return undefined;
}

/** As an element of a page may name it. In an image, browsers run no script and load nothing. */
export function dataUri(content: ByteString, { type }: ImageInfo): string {
  return `data:${type};base64,${Buffer.from(content, 'latin1').toString('base64')}`;
}

// What may stand before the element: a mark of order, the declaration, a document type, comments.
const SVG = /^(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--[\s\S]*?-->\s*)*(?:<!DOCTYPE svg[^>[]*>\s*)?<svg[\s>]/;

function big16(bytes: ByteString, at: number): number {
  return byte(bytes, at) * 256 + byte(bytes, at + 1);
}

function big32(bytes: ByteString, at: number): number {
  return big16(bytes, at) * 65_536 + big16(bytes, at + 2);
}

function little16(bytes: ByteString, at: number): number {
  return byte(bytes, at) + byte(bytes, at + 1) * 256;
}

/** Zero behind the end: what is cut off has no size. */
function byte(bytes: ByteString, at: number): number {
  return at < bytes.length ? bytes.charCodeAt(at) : 0;
}

/** From the first frame header. Markers C4, C8 and CC look like one and are none. */
function jpegSize(bytes: ByteString): ImageInfo['size'] {
  let at = 2;
  while (at + 9 < bytes.length && byte(bytes, at) === 0xff) {
    const marker = byte(bytes, at + 1);
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker))
      return { width: big16(bytes, at + 7), height: big16(bytes, at + 5) };
    at += marker === 0xff ? 1 : 2 + big16(bytes, at + 2);
  }
  return undefined;
}

function webpSize(bytes: ByteString): ImageInfo['size'] {
  const kind = bytes.slice(12, 16);
  if (kind === 'VP8X') return { width: 1 + little24(bytes, 24), height: 1 + little24(bytes, 27) };
  if (kind === 'VP8 ') return { width: little16(bytes, 26) & 0x3fff, height: little16(bytes, 28) & 0x3fff };
  if (kind !== 'VP8L') return undefined;
  const bits = little16(bytes, 21) + little16(bytes, 23) * 65_536;
  return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
}

function little24(bytes: ByteString, at: number): number {
  return little16(bytes, at) + byte(bytes, at + 2) * 65_536;
}
