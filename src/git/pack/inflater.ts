import { constants, createInflate, deflateSync, inflateSync } from 'node:zlib';
import { reuseEngine } from './zlib-engine.ts';

/**
 * Inflates a whole stream into `target`, which must have room for a byte more than the stream gives.
 *
 * @returns how many bytes it gave; undefined where the stream is damaged or cut short, or does not leave that byte free
 */
export type Inflate = (data: Uint8Array, target: Uint8Array) => number | undefined;

/**
 * The fastest way that this node has for many small streams: `inflateSync` makes an inflater for each call, and that takes
 * as long as inflating two kilobytes does. Not for two threads, nor for two streams at once.
 */
export function openInflate(makeEngine: () => unknown = newEngine): Inflate {
  const reusing = reuseEngine(makeEngine);
  return works(reusing) ? reusing : inflateOnce;
}

/** The documented way: an inflater for each stream. */
function inflateOnce(data: Uint8Array, target: Uint8Array): number | undefined {
  try {
    const chunkSize = Math.max(constants.Z_MIN_CHUNK, target.length);
    const content = inflateSync(data, { chunkSize, maxOutputLength: target.length });
    if (content.length >= target.length) return undefined;
    target.set(content);
    return content.length;
  } catch (error) {
    if (isBadData(error)) return undefined;
    throw error;
  }
}

function newEngine(): unknown {
  // What it fails with, it tells by an event, too. We see that it is destroyed.
  return createInflate().on('error', () => {});
}

/** Whether it does what is asked of it: with streams of several sizes, after one that is damaged, and after one that is too long. */
function works(inflate: Inflate): boolean {
  const long = Buffer.from('Inflated and compared. '.repeat(99));
  const short = long.subarray(0, 5);
  const gives = (data: Uint8Array, content: Buffer) => {
    const target = Buffer.alloc(content.length + 1);
    return inflate(data, target) === content.length && target.subarray(0, -1).equals(content);
  };
  const deflated = deflateSync(long);
  try {
    return (
      gives(deflateSync(short, { windowBits: 9 }), short) &&
      gives(deflated, long) &&
      inflate(deflated.subarray(0, -1), Buffer.alloc(long.length + 1)) === undefined &&
      gives(deflateSync(short), short) &&
      inflate(deflated, Buffer.alloc(long.length)) === undefined &&
      gives(deflated, long)
    );
  } catch (error) {
    // Whatever a later node makes of these calls, the documented ones are left.
    if (error instanceof Error) return false;
    throw error;
  }
}

/** Whether an error is zlib's own, or the one for more output than there should be. */
export function isBadData(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  return String(error.code).startsWith('Z_') || error.code === 'ERR_BUFFER_TOO_LARGE';
}
