import type { Bytes } from '../core/exchange/port.ts';

/** All of it in one piece. @throws {RangeError} where it is more than that many bytes */
export async function gather(content: Bytes, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of content) {
    size += chunk.length;
    if (size > maxBytes) throw new RangeError(`more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}
