import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ByteString, fromByteArray, toByteArray } from '../../../src/core/byte-string.ts';
import { decodeArmor, decodeLooseArmor, encodeArmor } from '../../../src/core/openpgp/armor.ts';
import { FormatFault } from '../../../src/core/openpgp/byte-reader.ts';
import { parsePublicKey } from '../../../src/core/openpgp/public-key.ts';
import { encodeSignature, parseSignature } from '../../../src/core/openpgp/signature-packet.ts';
import { bytes, fuzzRuns, mutated } from '../arbitraries.ts';

// An Ed25519 signature by gpg 2.2, and the body of its key's packet.
const PACKET = Buffer.from(
  '887504001608001d162104aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa050267000000000a0910aaaaaaaaaaaaaaaa1234' +
    `0100${'91'.repeat(32)}00ff${'71'.repeat(32)}`,
  'hex',
);
const KEY = Buffer.from(`046700000016092b06010401da470f01010740${'11'.repeat(32)}`, 'hex');

const mutatedTwice = (original: ByteString) =>
  mutated(original)
    .filter((once) => once !== '')
    .chain(mutated);

/** Runs a parser; undefined where it refuses in the one way that it may. */
function attempt<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (error instanceof FormatFault) return undefined;
    throw error;
  }
}

const anyArmor = fc.oneof(
  bytes({ maxLength: 200 }),
  bytes({ maxLength: 120 })
    .map((packet) => encodeArmor(toByteArray(packet)))
    .chain(mutated),
);

test('armor is refused, or is the one spelling of its packet', () => {
  fc.assert(
    fc.property(anyArmor, (armor) => {
      const packet = attempt(() => decodeArmor(armor));
      if (packet !== undefined) expect(encodeArmor(packet)).toBe(armor);
      attempt(() => decodeLooseArmor(armor));
    }),
    fuzzRuns(2000),
  );
});

test('armor is read back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), (packet) => {
      expect(Buffer.from(decodeArmor(encodeArmor(packet)))).toEqual(Buffer.from(packet));
    }),
    fuzzRuns(300),
  );
});

const anyPacket: fc.Arbitrary<ByteString> = fc.oneof(
  bytes({ maxLength: 200 }),
  mutated(fromByteArray(PACKET)),
  mutatedTwice(fromByteArray(PACKET)),
);

test('a signature packet is refused, or prints as it stands', () => {
  fc.assert(
    fc.property(anyPacket, (packet) => {
      const signature = attempt(() => parseSignature(toByteArray(packet)));
      if (signature !== undefined) expect(fromByteArray(encodeSignature(signature))).toBe(packet);
    }),
    fuzzRuns(3000),
  );
});

test('the signature that is changed for this is one', () => {
  expect(attempt(() => parseSignature(PACKET))).toBeDefined();
  expect(attempt(() => parsePublicKey(KEY))).toBeDefined();
});

test('the packet of a public key is refused, or read', () => {
  const anyKey = fc.oneof(bytes({ maxLength: 200 }), mutated(fromByteArray(KEY)), mutatedTwice(fromByteArray(KEY)));
  fc.assert(
    fc.property(anyKey, (key) => {
      attempt(() => parsePublicKey(toByteArray(key)));
    }),
    fuzzRuns(2000),
  );
});
