import { createDeflate, inflateSync } from 'node:zlib';
import { DEFLATE_LEVEL, deflate, deflatedBytes, SAMPLE_BYTES } from '../objects/deflate.ts';
import { reuseEngine } from './zlib-engine.ts';

/**
 * Deflates content into `target`, or stores it where that does not make it smaller.
 *
 * @param target - with room for {@link deflatedBytes} of it
 * @returns how many bytes that took
 */
export type DeflateInto = (content: Uint8Array, target: Uint8Array) => number;

/**
 * The fastest way that this node has for many small contents: `deflateSync` makes a deflater for each call. Not for two threads.
 */
export function openDeflate(makeEngine: () => unknown = newEngine): DeflateInto {
  const reusing = reuseEngine(makeEngine);
  const deflateAgain: DeflateInto = (content, target) => {
    if (content.length > SAMPLE_BYTES) return deflateOnce(content, target);
    const length = reusing(content, target);
    // What does not shrink is stored, which is rare.
    return length === undefined || length >= content.length ? deflateOnce(content, target) : length;
  };
  return works(reusing) ? deflateAgain : deflateOnce;
}

/** The documented way: a deflater for each. */
function deflateOnce(content: Uint8Array, target: Uint8Array): number {
  const deflated = deflate(content);
  target.set(deflated);
  return deflated.length;
}

function newEngine(): unknown {
  return createDeflate({ level: DEFLATE_LEVEL });
}

/** Whether node inflates again what it gives: contents of several sizes, one after the other, and after one that had no room. */
function works(engine: ReturnType<typeof reuseEngine>): boolean {
  const long = Buffer.from('Deflated and compared. '.repeat(999));
  const contents = [long, long.subarray(0, 5), long.subarray(7, 700), Buffer.alloc(0), long.subarray(1)];
  const comesBack = (content: Buffer) => {
    const target = Buffer.alloc(deflatedBytes(content.length));
    const length = engine(content, target);
    return length !== undefined && inflateSync(target.subarray(0, length)).equals(content);
  };
  try {
    return contents.every(comesBack) && engine(long, Buffer.alloc(20)) === undefined && contents.every(comesBack);
  } catch (error) {
    // Whatever a later node makes of these calls, the documented ones are left.
    if (error instanceof Error) return false;
    throw error;
  }
}
