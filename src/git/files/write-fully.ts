import { writeSync } from 'node:fs';

/** Writes all bytes at the file's position: one write may take fewer than it was given. */
export function writeFully(descriptor: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at, bytes.length - at);
}
