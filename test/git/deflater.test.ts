import { createDeflate, inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deflatedBytes } from '../../src/git/objects/deflate.ts';
import { type DeflateInto, openDeflate } from '../../src/git/pack/deflater.ts';

// Both ways: with one deflater for all contents, and with one for each, as where node's is not what it was.
describe.each<[string, DeflateInto, boolean]>([
  ['one for all', openDeflate(), true],
  ['one for each', openDeflate(() => ({})), false],
])('deflating, %s', (_, deflateInto, isReusing) => {
  test('is what the name says', () => {
    expect(deflateInto.name === 'deflateOnce').toBe(!isReusing);
  });

  test('gives what inflates to every content, in the room that it may take, whatever came before it', () => {
    const noise = fc.uint8Array({ maxLength: 3000, size: 'max' });
    const text = fc
      .tuple(fc.string({ maxLength: 40 }), fc.nat(4000))
      .map(([s, n]) => Buffer.from(s.repeat(n).slice(0, 100_000)));
    fc.assert(
      fc.property(fc.array(fc.oneof(noise, text), { maxLength: 12 }), (contents) => {
        for (const content of contents) {
          const target = Buffer.alloc(deflatedBytes(content.length), 0xaa);
          const length = deflateInto(content, target);
          expect(length).toBeLessThan(target.length);
          expect(inflateSync(target.subarray(0, length)).equals(content)).toBe(true);
        }
      }),
    );
  });
});

test.each<[string, number]>([
  ['does nothing', 0],
  ['says that it is done, and is not', 1],
])('a deflater that %s is not used', (_, left) => {
  const lying = () => {
    const real = createDeflate() as unknown as {
      _handle: { writeSync: (...call: unknown[]) => void };
      _writeState: Uint32Array;
    };
    real._handle.writeSync = () => {
      real._writeState[0] = left;
    };
    return real;
  };
  expect(openDeflate(lying).name).toBe('deflateOnce');
});
