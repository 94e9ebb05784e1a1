import { createInflate, deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Inflate, openInflate } from '../../src/git/pack/inflater.ts';

// Both ways: with one inflater for all streams, and with one for each, as where node's is not what it was.
describe.each<[string, Inflate, boolean]>([
  ['one for all', openInflate(), true],
  ['one for each', openInflate(() => ({})), false],
])('inflating, %s', (_, inflate, isReusing) => {
  test('is what the name says', () => {
    expect(inflate.name === 'inflateOnce').toBe(!isReusing);
  });

  test('gives every stream back, whatever came before it', () => {
    const streams = fc.array(
      fc.record({
        content: fc.uint8Array({ minLength: 1, maxLength: 3000 }),
        level: fc.constantFrom(0, 1, 9),
        windowBits: fc.integer({ min: 9, max: 15 }),
        damage: fc.constantFrom('none', 'cut', 'flipped', 'too long'),
      }),
    );
    fc.assert(
      fc.property(streams, (made) => {
        for (const { content, level, windowBits, damage } of made) {
          const deflated = deflateSync(content, { level, windowBits });
          // Of the checksum.
          if (damage === 'flipped') deflated[deflated.length - 1] = (deflated.at(-1) ?? 0) ^ 1;
          const data = damage === 'cut' ? deflated.subarray(0, -1) : deflated;
          const target = Buffer.alloc(content.length + (damage === 'too long' ? 0 : 1));
          const length = inflate(data, target);
          if (damage === 'none') expect(target.subarray(0, length)).toEqual(Buffer.from(content));
          expect(length).toBe(damage === 'none' ? content.length : undefined);
        }
      }),
    );
  });

  test('takes an empty stream, and nothing that is no stream', () => {
    expect(inflate(deflateSync(''), Buffer.alloc(1))).toBe(0);
    for (const data of ['', 'no stream', '\x78\x9c']) {
      expect(inflate(Buffer.from(data, 'latin1'), Buffer.alloc(100))).toBe(undefined);
    }
  });
});

test('an inflater that does something else is not used', () => {
  const lying = () => {
    const real = createInflate() as unknown as { _handle: { writeSync: (...call: unknown[]) => void } };
    real._handle.writeSync = () => {};
    return real;
  };
  expect(openInflate(lying).name).toBe('inflateOnce');
});
