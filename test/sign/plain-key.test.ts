import fc from 'fast-check';
import * as openpgp from 'openpgp';
import { describe, expect, it } from 'vitest';
import { fromByteArray, toByteArray } from '../../src/core/byte-string.ts';
import { Certificate } from '../../src/core/openpgp/certificate.ts';
import { decodeKeyArmor, encodeKeyArmor } from '../../src/core/openpgp/key-armor.ts';
import { readByLibrary } from '../../src/core/openpgp/library-certificate.ts';
import { joinPlainKey, judgePlainKey, splitPlainKey } from '../../src/core/openpgp/plain-key.ts';
import { parseSignature } from '../../src/core/openpgp/signature-packet.ts';
import { loadOpenPgp } from '../../src/sign/openpgp/load-openpgp.ts';
import { nodeArithmetic } from '../../src/sign/openpgp/node-arithmetic.ts';
import { generateSigningKey, readSigningKey } from '../../src/sign/openpgp/openpgp-key.ts';
import { readPlainSigningKey } from '../../src/sign/openpgp/plain-signing-key.ts';
import { mutated } from '../core/arbitraries.ts';
import { type CraftOptions, selfSignature } from './craft.ts';
import { DAY, PAYLOAD, T0, verifierAt, YEAR } from './keys.ts';

const { keyFlags } = openpgp.enums;

const plainOf = async (bytes: Uint8Array) => {
  const packets = splitPlainKey(bytes, 'public');
  return packets && judgePlainKey(packets, nodeArithmetic);
};

/** What both ways of reading say of a certificate; the first undefined where it is not plain. */
async function bothWays(bytes: Uint8Array) {
  const armored = encodeKeyArmor(bytes, 'PUBLIC');
  const plain = await plainOf(bytes);
  if (plain === undefined) return { plain, library: undefined };
  return { plain: new Certificate(plain), library: new Certificate(await readByLibrary(armored, await loadOpenPgp())) };
}

async function ed25519(atSec = T0): Promise<openpgp.PrivateKey> {
  const { armoredPrivate } = await generateSigningKey({ name: 'Ada', email: 'ada@example.org', atSec });
  return openpgp.readPrivateKey({ armoredKey: armoredPrivate });
}

/** The bytes of a certificate whose only self-signature is this one. */
async function certifiedBy(options: Partial<Parameters<typeof selfSignature>[1]> = {}): Promise<Uint8Array> {
  const key = await ed25519();
  const [user] = key.users;
  if (user === undefined) throw new Error('no user');
  user.selfCertifications = [await selfSignature(key, { atSec: T0, ...options })];
  return key.toPublic().write();
}

const TIMES = [0, T0 - 1, T0, T0 + 1, T0 + DAY, T0 + 2 * DAY, T0 + 40 * YEAR];

describe('a certificate of the plainest kind', () => {
  it('is judged without openpgp.js', async () => {
    const made = await generateSigningKey({ name: 'Ada', email: 'ada@example.org', atSec: T0 });
    const load = () => Promise.reject(new Error('loaded'));
    const certificate = await Certificate.read(made.armoredPublic, { arithmetic: nodeArithmetic, load });
    expect(certificate.details.key).toBe(made.key);
    expect(await certificate.signingKeyAt(T0)).toEqual({ fingerprint: made.key.slice('openpgp:'.length) });
    expect(await certificate.expiresAtSec(T0)).toBeUndefined();
    expect(await readPlainSigningKey(made.armoredPrivate, T0)).toMatchObject({ armoredPublic: made.armoredPublic });
  });

  it.each<[string, () => Promise<Uint8Array>]>([
    ['as it is made', async () => (await ed25519()).toPublic().write()],
    [
      'with a name that is not ASCII',
      async () => {
        const made = await generateSigningKey({ name: 'Äda \u{1f511}', email: 'ä@exämple.org', atSec: T0 });
        return (await openpgp.readKey({ armoredKey: made.armoredPublic })).write();
      },
    ],
    ['certified later', () => certifiedBy({ atSec: T0 + DAY })],
    ['certified over SHA-256', () => certifiedBy({ hash: openpgp.enums.hash.sha256 })],
  ])('is judged as openpgp.js does: %s', async (_, make) => {
    const { plain, library } = await bothWays(await make());
    expect(plain?.details).toEqual(library?.details);
    const fingerprint = library?.details.key.slice('openpgp:'.length) ?? '';
    expect(plain?.verifyingKey(fingerprint)).toEqual(library?.verifyingKey(fingerprint));
    expect(await plain?.faultAt('A'.repeat(40), T0)).toBeDefined();
    expect(await library?.faultAt('A'.repeat(40), T0)).toBeDefined();
    for (const atSec of TIMES) {
      expect(await plain?.faultAt(fingerprint, atSec)).toBe(await library?.faultAt(fingerprint, atSec));
      expect(await plain?.expiresAtSec(atSec)).toBe(await library?.expiresAtSec(atSec));
    }
  });
});

describe('a certificate that says more', () => {
  const saying = (change: NonNullable<CraftOptions['change']>) => () => certifiedBy({ change });
  it.each<[string, () => Promise<Uint8Array>]>([
    [
      'when the key expires',
      saying((packet) => {
        packet.keyExpirationTime = DAY;
        packet.keyNeverExpires = false;
      }),
    ],
    [
      'when the signature expires',
      saying((packet) => {
        packet.signatureExpirationTime = DAY;
        packet.signatureNeverExpires = false;
      }),
    ],
    ['that the key must not sign', () => certifiedBy({ keyFlags: keyFlags.certifyKeys })],
    [
      'a critical notation',
      saying((packet) => {
        packet.rawNotations = [{ name: 'x@example.org', value: Buffer.from('y'), humanReadable: true, critical: true }];
      }),
    ],
    ['that it was certified before there was a key', () => certifiedBy({ atSec: T0 - 1 })],
    [
      'that the key is revoked',
      async () => {
        const revoked = await openpgp.revokeKey({ key: await ed25519(), format: 'object' });
        return revoked.publicKey.write();
      },
    ],
    [
      'that there is a subkey',
      async () => {
        const key = await ed25519();
        return (await key.addSubkey({ type: 'ecc', curve: 'ed25519Legacy', sign: true })).toPublic().write();
      },
    ],
    [
      'another name',
      async () => {
        const key = await ed25519();
        const { publicKey } = await openpgp.reformatKey({
          privateKey: key,
          userIDs: [{ name: 'Ada' }, { name: 'Eve' }],
          date: new Date(T0 * 1000),
          format: 'object',
        });
        return publicKey.write();
      },
    ],
    [
      'no name',
      async () => {
        const packets = splitPlainKey((await ed25519()).toPublic().write(), 'public');
        return packets?.key ?? new Uint8Array();
      },
    ],
    [
      'it with another algorithm',
      async () => {
        const { publicKey } = await openpgp.generateKey({
          userIDs: { name: 'Ada' },
          type: 'rsa',
          rsaBits: 2048,
          format: 'object',
          subkeys: [],
        });
        return publicKey.write();
      },
    ],
    [
      'it by another key',
      async () => {
        const [mine, other] = [await ed25519(), await ed25519()];
        const [own, foreign] = [mine, other].map((key) => splitPlainKey(key.toPublic().write(), 'public'));
        if (own === undefined || foreign === undefined) throw new Error('not plain');
        return joinPlainKey({ ...own, signature: foreign.signature });
      },
    ],
  ])('is left to openpgp.js: %s', async (_, make) => {
    expect(await plainOf(await make())).toBeUndefined();
  });
});

it('what is no longer the key that was made is not plain, or judged as openpgp.js does', async () => {
  const bytes = (await ed25519()).toPublic().write();
  expect(await plainOf(bytes)).toBeDefined();
  let plainOnes = 0;
  await fc.assert(
    fc.asyncProperty(mutated(fromByteArray(bytes)), async (changed) => {
      const { plain, library } = await bothWays(toByteArray(changed)).catch(() => {
        throw new Error('plain, where openpgp.js refuses it');
      });
      if (plain === undefined) return;
      plainOnes++;
      expect(plain.details).toEqual(library?.details);
      const fingerprint = plain.details.key.slice('openpgp:'.length);
      for (const atSec of TIMES)
        expect(await plain.faultAt(fingerprint, atSec)).toBe(await library?.faultAt(fingerprint, atSec));
    }),
    { numRuns: 2000 },
  );
  // A signature vouches for every byte of key and name, and for itself.
  expect(plainOnes).toBe(0);
});

describe('armor of a key', () => {
  it('is read where openpgp.js wrote it, and written alike', async () => {
    const { armoredPublic, armoredPrivate } = await generateSigningKey({ name: 'Ada', email: 'a@b.c', atSec: T0 });
    const bytes = decodeKeyArmor(armoredPublic, 'PUBLIC');
    expect(encodeKeyArmor(bytes ?? new Uint8Array(), 'PUBLIC')).toBe(armoredPublic);
    expect(decodeKeyArmor(armoredPublic, 'PRIVATE')).toBeUndefined();
    expect(decodeKeyArmor(armoredPrivate, 'PRIVATE')).toBeDefined();
  });

  it('is left to openpgp.js where it is damaged or has headers', async () => {
    const { armoredPublic } = await generateSigningKey({ name: 'Ada', email: 'a@b.c', atSec: T0 });
    for (const other of [
      '',
      armoredPublic.replace('\n\n', '\nComment: x\n\n'),
      armoredPublic.replace(/\n=.{4}\n/, '\n'),
      armoredPublic.replace(/\n=.{4}\n/, '\n=AAAA\n'),
      armoredPublic + armoredPublic,
      `x\n${armoredPublic}`,
      armoredPublic.replace('\n\n', `\n\n${'A'.repeat(60)}\n`.repeat(200)),
    ])
      expect(decodeKeyArmor(other, 'PUBLIC')).toBeUndefined();
  });
});

describe('a private key without a passphrase', () => {
  it('signs what openpgp.js and our own reader accept, whatever its numbers begin with', async () => {
    const made = await generateSigningKey({ name: 'Ada', email: 'a@b.c', atSec: T0 });
    const key = await readPlainSigningKey(made.armoredPrivate, T0);
    const verificationKeys = await openpgp.readKey({ armoredKey: made.armoredPublic });
    const short = new Set<number>();
    for (let i = 0; i < 3000 && short.size < 2; i++) {
      const payload = Buffer.from(`${PAYLOAD}${i}`);
      const packet = (await key?.sign(payload, T0 + i)) ?? new Uint8Array();
      const { values, createdAtSec, issuer } = parseSignature(packet);
      expect([createdAtSec, `openpgp:${issuer}`]).toEqual([T0 + i, made.key]);
      const lengths = values.map(({ length }) => length);
      if (i > 0 && lengths.every((length) => length === 32)) continue;
      lengths.forEach((length, nth) => {
        if (length < 32) short.add(nth);
      });
      const signature = await openpgp.readSignature({ binarySignature: packet });
      const message = await openpgp.createMessage({ binary: payload });
      const { signatures } = await openpgp.verify({
        message,
        signature,
        verificationKeys,
        date: new Date((T0 + YEAR) * 1000),
      });
      expect(await signatures[0]?.verified).toBe(true);
    }
    expect([...short].sort()).toEqual([0, 1]);
  });

  it('is read if its secret begins with zeros', async () => {
    for (let i = 0; i < 5000; i++) {
      const { armoredPrivate, armoredPublic, key } = await generateSigningKey({
        name: 'Ada',
        email: 'a@b.c',
        atSec: T0,
      });
      const bits = Buffer.from(
        decodeKeyArmor(armoredPrivate, 'PRIVATE')?.subarray(2 + 52, 2 + 54) ?? [],
      ).readUInt16BE();
      if (bits > 248) continue;
      const plain = await readPlainSigningKey(armoredPrivate, T0);
      expect(plain?.armoredPublic).toBe(armoredPublic);
      const { encodeArmor } = await import('../../src/core/openpgp/armor.ts');
      const armor = encodeArmor((await plain?.sign(Buffer.from(PAYLOAD, 'latin1'), T0)) ?? new Uint8Array());
      const verdict = await verifierAt(T0).verify(PAYLOAD, armor, [{ key, armored: armoredPublic }]);
      expect(verdict).toMatchObject({ status: 'good' });
      return;
    }
    throw new Error('no such key was made');
  });

  it('is left to openpgp.js if it has a passphrase, is damaged, or its secret is another one', async () => {
    const { armoredPrivate } = await generateSigningKey({ name: 'Ada', email: 'a@b.c', atSec: T0 });
    const bytes = Buffer.from(decodeKeyArmor(armoredPrivate, 'PRIVATE') ?? []);
    expect(await readPlainSigningKey(armoredPrivate, T0)).toBeDefined();
    expect(await readPlainSigningKey(armoredPrivate, T0 - 1)).toBeUndefined();
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(await readPlainSigningKey(encodeKeyArmor(changed, 'PRIVATE'), T0), `byte ${at}`).toBeUndefined();
    }
    // A bit of the secret and its checksum together.
    const other = Buffer.from(bytes);
    const at = 2 + 60;
    const before = other[at] ?? 0;
    other[at] = before ^ 1;
    const checksumAt = 2 + (bytes[1] ?? 0) - 2;
    other.writeUInt16BE((other.readUInt16BE(checksumAt) + (before % 2 === 0 ? 1 : -1)) & 0xffff, checksumAt);
    expect(await readPlainSigningKey(encodeKeyArmor(other, 'PRIVATE'), T0)).toBeUndefined();
    const locked = await generateSigningKey({ name: 'Ada', email: 'a@b.c', atSec: T0, passphrase: 'x' });
    expect(await readPlainSigningKey(locked.armoredPrivate, T0)).toBeUndefined();
    expect(await readSigningKey({ armored: locked.armoredPrivate, source: 'key', atSec: T0 })).toMatchObject({
      locked: true,
    });
  });
});
