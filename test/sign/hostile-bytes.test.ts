import fc from 'fast-check';
import * as openpgp from 'openpgp';
import { describe, expect, it } from 'vitest';
import { decodeArmor, decodeLooseArmor, encodeArmor } from '../../src/core/openpgp/armor.ts';
import { FormatFault } from '../../src/core/openpgp/byte-reader.ts';
import { encodeSignature, parseSignature } from '../../src/core/openpgp/signature-packet.ts';
import { readCertificate } from '../../src/sign/openpgp/read-certificate.ts';
import { tempGnupg } from '../support/gnupg.ts';
import { craftArmor, craftSignature, listed, makeKey } from './craft.ts';
import { DAY, PAYLOAD, T0, testSigner, verifierAt, YEAR } from './keys.ts';

const NOW = T0 + DAY;

/** Runs a parser on bytes that may be anything: it either reads them or says what is wrong. */
function faultOf(parse: () => unknown): string | undefined {
  try {
    parse();
    return undefined;
  } catch (error) {
    if (error instanceof FormatFault) return error.message;
    throw error;
  }
}

describe('armor', () => {
  it('has one spelling', async () => {
    const { signer, publicKey } = await testSigner();
    const armor = await signer.sign(PAYLOAD);
    const verify = (text: string) => verifierAt(NOW).verify(PAYLOAD, text, [publicKey]);
    expect(await verify(armor)).toMatchObject({ status: 'good' });

    const packet = decodeLooseArmor(armor);
    const list = await openpgp.readSignature({ binarySignature: packet });
    const spellings = {
      'openpgp.js': list.armor(),
      crlf: armor.replaceAll('\n', '\r\n'),
      comment: armor.replace('\n\n', '\nComment: x\n\n'),
      version: armor.replace('\n\n', '\nVersion: GnuPG v2\n\n'),
      'no blank line': armor.replace('\n\n', '\n'),
      'blank line with a space': armor.replace('\n\n', '\n \n'),
      'no checksum': armor.replace(/=.{4}\n-/, '-'),
      'wrong checksum': armor.replace(/=.{4}\n-/, '=AAAA\n-'),
      'before it': `\n${armor}`,
      'after it': `${armor}\n`,
      'no line feed at the end': armor.trimEnd(),
      twice: armor + armor,
      message: armor.replaceAll('SIGNATURE', 'MESSAGE'),
      'trailing space': armor.replace('\n=', ' \n='),
      empty: '',
    };
    for (const [name, spelling] of Object.entries(spellings)) {
      expect(spelling, name).not.toBe(armor);
      expect(await verify(spelling), name).toMatchObject({ status: 'bad' });
    }
  });

  it('is read back from any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 3000 }), (bytes) => {
        expect(Buffer.from(decodeArmor(encodeArmor(Buffer.from(bytes))))).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it('is brought into that spelling from what other programs write', async () => {
    const { signer } = await testSigner();
    const armor = await signer.sign(PAYLOAD);
    const loose = (await openpgp.readSignature({ armoredSignature: armor })).armor({
      ...openpgp.config,
      showComment: true,
      showVersion: true,
    });
    expect(loose).toContain('Comment: ');
    expect(encodeArmor(decodeLooseArmor(loose))).toBe(armor);
  });

  it('of any text is refused with a reason, and never by a crash', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        expect(faultOf(() => decodeArmor(text))).toBeTypeOf('string');
      }),
    );
    expect(faultOf(() => decodeArmor(encodeArmor(Buffer.alloc(7000))))).toMatch(/too long/);
  });
});

describe('a signature', () => {
  it('does not survive the change of any bit of its armor', async () => {
    const { signer, publicKey } = await testSigner();
    const armor = await signer.sign(PAYLOAD);
    const verifier = verifierAt(NOW);
    for (let at = 0; at < armor.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const flipped = String.fromCharCode(armor.charCodeAt(at) ^ (1 << bit));
        const verdict = await verifier.verify(PAYLOAD, armor.slice(0, at) + flipped + armor.slice(at + 1), [publicKey]);
        expect(verdict.status).toBe('bad');
      }
    }
  });

  it.each(['ed25519', 'rsa2048', 'nistp256'])(
    'by gpg (%s) does not survive the change of any bit of its packet',
    async (algorithm) => {
      const { gpg, makeKey: makeGpgKey } = tempGnupg();
      const fingerprint = makeGpgKey('Ada <ada@example.org>', algorithm);
      const armor = gpg(['--armor', '--detach-sign'], PAYLOAD);
      const keys = [{ key: `openpgp:${fingerprint}` as const, armored: gpg(['--armor', '--export']) }];
      const verifier = verifierAt(Math.floor(Date.now() / 1000));
      expect(await verifier.verify(PAYLOAD, armor, keys)).toMatchObject({ status: 'good' });
      const packet = decodeArmor(armor);
      for (let bit = 0; bit < packet.length * 8; bit++) {
        const changed = Buffer.from(packet);
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect((await verifier.verify(PAYLOAD, encodeArmor(changed), keys)).status, `bit ${bit}`).not.toBe('good');
      }
    },
  );

  it('is refused in every other framing', async () => {
    const key = await makeKey(T0);
    const packet = decodeArmor(await craftArmor({ by: key, atSec: T0 }));
    expect([packet[0], packet[1]]).toEqual([0xc2, packet.length - 2]);
    const body = packet.subarray(2);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(body.length);
    const framings = {
      'five-byte length': [0xc2, 0xff, ...length],
      'two-byte old length': [0x89, 0, body.length],
      'four-byte old length': [0x8a, ...length],
      'no length': [0x8b],
      'a partial length': [0xc2, 0xe0 + 4],
    };
    for (const [name, header] of Object.entries(framings)) {
      const armor = encodeArmor(Buffer.concat([Buffer.from(header), body]));
      expect(await verifierAt(NOW).verify(PAYLOAD, armor, [listed(key)]), name).toMatchObject({ status: 'bad' });
    }
  });

  it('is refused with numbers that are too long for its key, or of another algorithm', async () => {
    const key = await makeKey(T0);
    const verifier = verifierAt(NOW);
    const parsed = parseSignature(decodeArmor(await craftArmor({ by: key, atSec: T0 })));
    const verdictOf = (values: Uint8Array[]) =>
      verifier.verify(PAYLOAD, encodeArmor(encodeSignature({ ...parsed, values })), [listed(key)]);
    const long = Buffer.alloc(33, 0xff);
    expect(await verdictOf([...parsed.values])).toMatchObject({ status: 'good' });
    expect(await verdictOf([long, long])).toMatchObject({ status: 'bad' });
    expect(await verdictOf([long])).toMatchObject({ status: 'bad' });

    const { gpg, makeKey: makeGpgKey } = tempGnupg();
    makeGpgKey('Ada <ada@example.org>', 'rsa2048');
    const rsa = await openpgp.readPrivateKey({ armoredKey: gpg(['--armor', '--export-secret-keys']) });
    const atSec = Math.floor(Date.now() / 1000);
    const asAlgorithm = async (algorithm: number) => {
      const armor = await craftArmor({
        by: rsa,
        atSec,
        change: (packet) => {
          packet.publicKeyAlgorithm = algorithm;
        },
      });
      return verifierAt(atSec).verify(PAYLOAD, armor, [listed(rsa)]);
    };
    expect(await asAlgorithm(1)).toMatchObject({ status: 'good' });
    expect(await asAlgorithm(3)).toMatchObject({ status: 'bad' });
  });

  it('says each thing once, and names one key', async () => {
    const parsed = parseSignature(decodeArmor(await craftArmor({ by: await makeKey(T0), atSec: T0 })));
    const created = [5, 2, 0, 0, 0, 1];
    const fingerprint = [22, 33, 4, ...Buffer.from(parsed.issuer, 'hex')];
    const keyId = [9, 16, ...Buffer.from(parsed.issuer.slice(-16), 'hex')];
    const read = (...subpackets: number[][]) => {
      const area = subpackets.flat();
      const hashedPart = Buffer.from([4, 0, 22, 10, area.length >> 8, area.length & 0xff, ...area]);
      const keyIdHashed = subpackets.some(([, type]) => type === 16);
      return faultOf(() => parseSignature(encodeSignature({ ...parsed, keyIdHashed, hashedPart })));
    };
    expect(read(created, fingerprint, keyId)).toBeUndefined();
    expect(read(created, fingerprint)).toBeUndefined();
    expect(read(created, created, fingerprint)).toMatch(/twice/);
    expect(read(created, fingerprint, fingerprint)).toMatch(/twice/);
    expect(read(created, fingerprint, [9, 16, 0, 0, 0, 0, 0, 0, 0, 0])).toMatch(/two keys/);
    expect(read(fingerprint)).toMatch(/when/);
    expect(read(created)).toMatch(/fingerprint/);
    expect(read([6, 2, 0, 0, 0, 1, 0], fingerprint)).toMatch(/when/);
    expect(read(created, [22, 33, 6, ...Buffer.alloc(20)])).toMatch(/fingerprint/);
    expect(read(created, fingerprint, [4, 3, 0, 0, 1])).toMatch(/lifetime/);
    expect(read(created, fingerprint, [200])).toMatch(/cut short/);
    expect(read(created, fingerprint, [0])).toMatch(/cut short/);
    expect(read(created, fingerprint, [2, 100, 0])).toBeUndefined();
    expect(read(created, fingerprint, [2, 100 | 0x80, 0])).toMatch(/critical/);
  });

  it('is written as it was read, or refused with a reason: changed ones', async () => {
    const key = await makeKey(T0);
    const real = decodeArmor(await craftArmor({ by: key, atSec: T0 }));
    const changes = fc.array(fc.tuple(fc.nat(real.length - 1), fc.nat(3), fc.uint8Array({ maxLength: 4 })), {
      maxLength: 4,
    });
    fc.assert(
      fc.property(changes, (edits) => {
        let bytes = real;
        for (const [at, drop, insert] of edits) {
          bytes = Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(at + drop)]);
        }
        faultOf(() => expect(Buffer.from(encodeSignature(parseSignature(bytes)))).toEqual(Buffer.from(bytes)));
      }),
      { numRuns: 2000 },
    );
  });

  it('is never read from any bytes without a reason or a round trip', () => {
    const header = fc.constantFrom([], [0x88], [0xc2], [0xc2, 60, 4, 0, 22, 8], [0x88, 60, 4, 0, 1, 10, 0, 6, 5, 2]);
    fc.assert(
      fc.property(header, fc.uint8Array({ maxLength: 100 }), (start, rest) => {
        const bytes = Buffer.concat([Buffer.from(start), rest]);
        faultOf(() => expect(Buffer.from(encodeSignature(parseSignature(bytes)))).toEqual(Buffer.from(bytes)));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a certificate', () => {
  it('that is changed anywhere never crashes the verifier', async () => {
    const key = await makeKey(T0, { subkeys: [{ sign: true }] });
    const armor = await craftArmor({ by: key, atSec: T0 });
    const real = Buffer.from(key.toPublic().write());
    const edits = fc.array(fc.tuple(fc.nat(real.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(edits, async (changes) => {
        const bytes = Buffer.from(real);
        for (const [at, value] of changes) bytes[at] = value;
        const armored = openpgp.armor(openpgp.enums.armor.publicKey, bytes);
        const verdict = await verifierAt(NOW).verify(PAYLOAD, armor, [{ key: listed(key).key, armored }]);
        expect(['good', 'bad', 'unknown-key']).toContain(verdict.status);
      }),
      { numRuns: 300 },
    );
  });

  it('of any text is refused with a reason', async () => {
    const { signer, publicKey } = await testSigner();
    const armor = await signer.sign(PAYLOAD);
    await fc.assert(
      fc.asyncProperty(fc.string({ maxLength: 200 }), async (armored) => {
        const verdict = await verifierAt(NOW).verify(PAYLOAD, armor, [{ key: publicKey.key, armored }]);
        expect(verdict).toMatchObject({ status: 'bad' });
      }),
    );
  });

  it('is judged alike whatever was asked before', async () => {
    const key = await makeKey(T0, { keyExpirationTime: 3 * YEAR, subkeys: [{ sign: true, keyExpirationTime: YEAR }] });
    const [subkey] = key.subkeys;
    if (subkey === undefined || !(key.keyPacket instanceof openpgp.SecretKeyPacket)) throw new Error('no subkey');
    const flag = openpgp.enums.reasonForRevocation.keyRetired;
    key.subkeys = [await subkey.revoke(key.keyPacket, { flag }, new Date((T0 + 100 * DAY) * 1000))];
    const { publicKey } = await openpgp.revokeKey({
      key,
      reasonForRevocation: { flag },
      date: new Date((T0 + 2 * YEAR) * 1000),
      format: 'object',
    });
    const armored = publicKey.armor();
    const shared = await readCertificate(armored);
    const fingerprints = [publicKey, ...publicKey.subkeys].map((k) => k.getFingerprint().toUpperCase());
    const edges = [T0, T0 + 100 * DAY, T0 + YEAR, T0 + 2 * YEAR, T0 + 3 * YEAR].flatMap((at) => [at - 1, at, at + 1]);
    const times = fc.oneof(fc.constantFrom(...edges), fc.integer({ min: T0 - DAY, max: T0 + 4 * YEAR }));
    await fc.assert(
      fc.asyncProperty(times, fc.constantFrom(...fingerprints), async (atSec, fingerprint) => {
        const fresh = await readCertificate(armored);
        expect(await shared.faultAt(fingerprint, atSec)).toBe(await fresh.faultAt(fingerprint, atSec));
      }),
      { numRuns: 200 },
    );
    expect(await shared.faultAt(fingerprints[0] ?? '', T0 + 2 * YEAR - 1)).toBeUndefined();
    expect(await shared.faultAt(fingerprints[0] ?? '', T0 + 2 * YEAR)).toMatch(/revoked/);
    expect(await shared.faultAt(fingerprints[1] ?? '', T0 + 100 * DAY)).toMatch(/revoked/);
    expect(await shared.faultAt(fingerprints[1] ?? '', T0 + 100 * DAY - 1)).toBeUndefined();
  });
});

it('a signature by one key does not pass for one by another', async () => {
  const [mine, other] = [await makeKey(T0), await makeKey(T0)];
  const forged = await craftSignature({ by: other, atSec: T0 });
  const packet = Buffer.from(decodeArmor(await craftArmor({ by: mine, atSec: T0 })));
  const values = Buffer.from(forged.write()).subarray(-68);
  const armor = encodeArmor(Buffer.concat([packet.subarray(0, packet.length - 68), values]));
  expect((await verifierAt(NOW).verify(PAYLOAD, armor, [listed(mine), listed(other)])).status).toBe('bad');
});
