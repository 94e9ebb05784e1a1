import { deflateSync } from 'node:zlib';

// Enough of the content to tell whether the rest will shrink.
export const SAMPLE_BYTES = 65_536;

/** More takes more time than it saves room. */
export const DEFLATE_LEVEL = 1;

/** The compression level for content that starts with `head`: 1, or 0 (stored) where that does not make it smaller. */
export function compressionLevel(head: Uint8Array): 0 | 1 {
  const sample = head.subarray(0, SAMPLE_BYTES);
  return deflateSync(sample, { level: DEFLATE_LEVEL }).length < sample.length * 0.97 ? 1 : 0;
}

/** Deflates content that fits in memory, or stores it where deflating does not make it smaller. */
export function deflate(content: Uint8Array): Buffer {
  if (content.length > SAMPLE_BYTES)
    return deflateSync(content, { level: compressionLevel(content), chunkSize: deflatedBytes(content.length) });
  // A window no larger than the content: most of the time for a small file goes into clearing the window.
  const windowBits = Math.min(15, Math.max(9, Math.ceil(Math.log2(content.length + 1))));
  const deflated = deflateSync(content, { level: DEFLATE_LEVEL, windowBits, chunkSize: deflatedBytes(content.length) });
  return deflated.length < content.length
    ? deflated
    : deflateSync(content, { level: 0, chunkSize: deflatedBytes(content.length) });
}

/** No more than so many bytes come of content of that size, and one is left. */
export function deflatedBytes(size: number): number {
  return size + (size >> 8) + 128;
}
