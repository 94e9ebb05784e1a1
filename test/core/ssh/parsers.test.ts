import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ByteString, fromByteArray, toByteArray } from '../../../src/core/byte-string.ts';
import { FormatFault } from '../../../src/core/openpgp/byte-reader.ts';
import { encodeKeyLine, parseKeyBlob, parseKeyLine } from '../../../src/core/ssh/ssh-public-key.ts';
import { encodeSshArmor, parseSshArmor } from '../../../src/core/ssh/ssh-signature.ts';
import { wireString } from '../../../src/core/ssh/wire-format.ts';
import { bytes, fuzzRuns, mutated } from '../arbitraries.ts';

const joined = (...parts: (Uint8Array | string)[]) =>
  fromByteArray(Buffer.concat(parts.map((part) => wireString(part))));
const KEYS: readonly ByteString[] = [
  joined('ssh-ed25519', Buffer.alloc(32, 7)),
  joined('ssh-rsa', Buffer.from([1, 0, 1]), Buffer.concat([Buffer.from([0, 0x80]), Buffer.alloc(255, 3)])),
  joined('ecdsa-sha2-nistp256', 'nistp256', Buffer.concat([Buffer.from([4]), Buffer.alloc(64, 9)])),
  joined('sk-ssh-ed25519@openssh.com', Buffer.alloc(32, 7), 'ssh:'),
];

function attempt<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (error instanceof FormatFault) return undefined;
    throw error;
  }
}

test('the keys that are changed for this are some', () => {
  for (const key of KEYS) expect(attempt(() => parseKeyBlob(toByteArray(key)))).toBeDefined();
});

test('the blob of a key is refused, or is the one spelling of what it says', () => {
  const anyBlob = fc.oneof(bytes({ maxLength: 100 }), fc.constantFrom(...KEYS).chain(mutated));
  fc.assert(
    fc.property(anyBlob, (blob) => {
      const key = attempt(() => parseKeyBlob(toByteArray(blob)));
      if (key !== undefined) expect(fromByteArray(key.blob)).toBe(blob);
    }),
    fuzzRuns(2000),
  );
});

test('the line of a key is refused, or says what stands in it', () => {
  const anyLine = fc.oneof(
    bytes({ maxLength: 100 }),
    fc
      .constantFrom(...KEYS)
      .map((blob) => encodeKeyLine(parseKeyBlob(toByteArray(blob))))
      .chain(mutated),
  );
  fc.assert(
    fc.property(anyLine, (line) => {
      const found = attempt(() => parseKeyLine(line));
      if (found === undefined) return;
      // Every program's spaces and comments are taken, and one line is written.
      expect(parseKeyLine(encodeKeyLine(found.material)).material.blob).toEqual(found.material.blob);
      expect(line.split(/[ \t]+/)[0]).toBe(found.material.type);
    }),
    fuzzRuns(2000),
  );
});

test('the armor of a signature is refused, or is its one spelling', () => {
  const armor = fc
    .record({
      publicKey: fc.constantFrom(...KEYS).map(toByteArray),
      hash: fc.constantFrom('sha256' as const, 'sha512' as const),
      signature: fc.uint8Array({ maxLength: 120 }),
    })
    .map((signature) => encodeSshArmor(signature as Parameters<typeof encodeSshArmor>[0]));
  fc.assert(
    fc.property(fc.oneof(bytes({ maxLength: 200 }), armor, armor.chain(mutated)), (text) => {
      const signature = attempt(() => parseSshArmor(text));
      if (signature !== undefined) expect(encodeSshArmor(signature)).toBe(text);
    }),
    fuzzRuns(2000),
  );
});
