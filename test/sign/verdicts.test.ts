import * as openpgp from 'openpgp';
import { describe, expect, it } from 'vitest';
import { ANYTHING, armorOf, craftArmor, craftSignature, listed, makeKey, selfSignature } from './craft.ts';
import { DAY, PAYLOAD, T0, verifierAt, YEAR } from './keys.ts';

const { hash, keyFlags, reasonForRevocation, signature } = openpgp.enums;
const NOW = T0 + 5 * YEAR;

/** openpgp.js makes no Ed25519 signature over a weak hash. */
const EASY = { curve: 'nistP256' } as const;

async function verdict(armor: string, keys: openpgp.Key[], nowSec = NOW) {
  return verifierAt(nowSec).verify(PAYLOAD, armor, keys.map(listed));
}

const good = { status: 'good' };
const bad = (reason: RegExp) => ({ status: 'bad', reason: expect.stringMatching(reason) });

describe('time', () => {
  it('accepts what was signed before the key expired, and refuses what was signed after', async () => {
    const key = await makeKey(T0);
    const { privateKey: expiring } = await openpgp.reformatKey({
      privateKey: key,
      userIDs: { name: 'Ada' },
      keyExpirationTime: YEAR,
      date: new Date(T0 * 1000),
      format: 'object',
    });
    const at = (atSec: number) => craftArmor({ by: key, atSec });
    expect(await verdict(await at(T0), [expiring])).toMatchObject({ ...good, signedAtSec: T0 });
    expect(await verdict(await at(T0 + YEAR - 1), [expiring])).toMatchObject(good);
    expect(await verdict(await at(T0 + YEAR), [expiring])).toMatchObject(bad(/expired/));
  });

  it('judges the expiry of a signing subkey in the same way', async () => {
    const key = await makeKey(T0, { subkeys: [{ sign: true, keyExpirationTime: YEAR }] });
    const [by = key] = key.subkeys;
    expect(await verdict(await craftArmor({ by, atSec: T0 + DAY }), [key])).toMatchObject(good);
    expect(await verdict(await craftArmor({ by, atSec: T0 + YEAR }), [key])).toMatchObject(bad(/expired/));
  });

  it('accepts an older signature by a certificate that was renewed since, but none that is older than the key', async () => {
    const key = await makeKey(T0);
    const [user] = key.users;
    if (user === undefined) throw new Error('no user');
    user.selfCertifications = [await selfSignature(key, { atSec: T0 + YEAR })];
    expect(await verdict(await craftArmor({ by: key, atSec: T0 + DAY }), [key])).toMatchObject(good);
    expect(await verdict(await craftArmor({ by: key, atSec: T0 - 1 }), [key])).toMatchObject(bad(/older than its key/));
  });

  it('refuses signatures from the future, save for a clock that is a little ahead', async () => {
    const key = await makeKey(T0);
    expect(await verdict(await craftArmor({ by: key, atSec: NOW + 299 }), [key])).toMatchObject(good);
    expect(await verdict(await craftArmor({ by: key, atSec: NOW + 301 }), [key])).toMatchObject(bad(/future/));
  });

  it('refuses a signature whose own lifetime is over', async () => {
    const key = await makeKey(T0);
    const armor = await craftArmor({
      by: key,
      atSec: T0,
      change: (packet) => {
        packet.signatureExpirationTime = 10;
      },
    });
    expect(await verdict(armor, [key], T0 + 9)).toMatchObject(good);
    expect(await verdict(armor, [key], T0 + 10)).toMatchObject(bad(/expired/));
  });
});

describe('revocation', () => {
  const revoked = async (key: openpgp.PrivateKey, flag: openpgp.enums.reasonForRevocation) =>
    (
      await openpgp.revokeKey({
        key,
        reasonForRevocation: { flag },
        date: new Date((T0 + YEAR) * 1000),
        format: 'object',
      })
    ).publicKey;

  it.each([
    ['retired', reasonForRevocation.keyRetired],
    ['superseded', reasonForRevocation.keySuperseded],
  ])('as %s counts from its time on', async (_, flag) => {
    const key = await makeKey(T0);
    const certificate = await revoked(key, flag);
    expect(await verdict(await craftArmor({ by: key, atSec: T0 + DAY }), [certificate])).toMatchObject(good);
    const after = await craftArmor({ by: key, atSec: T0 + YEAR + 1 });
    expect(await verdict(after, [certificate])).toMatchObject(bad(/revoked/));
  });

  it.each([
    ['compromised', reasonForRevocation.keyCompromised],
    ['without a reason', reasonForRevocation.noReason],
  ])('as %s counts from the beginning', async (_, flag) => {
    const key = await makeKey(T0);
    const certificate = await revoked(key, flag);
    expect(await verdict(await craftArmor({ by: key, atSec: T0 + DAY }), [certificate])).toMatchObject(bad(/revoked/));
  });

  it('of a signing subkey counts in the same way', async () => {
    const key = await makeKey(T0, { subkeys: [{ sign: true }] });
    const [by] = key.subkeys;
    if (by === undefined || !(key.keyPacket instanceof openpgp.SecretKeyPacket)) throw new Error('no subkey');
    const armor = await craftArmor({ by, atSec: T0 + DAY });
    const at = new Date((T0 + YEAR) * 1000);
    expect(await verdict(armor, [key])).toMatchObject(good);
    key.subkeys = [await by.revoke(key.keyPacket, { flag: reasonForRevocation.keyRetired }, at)];
    expect(await verdict(armor, [key])).toMatchObject(good);
    key.subkeys = [await by.revoke(key.keyPacket, { flag: reasonForRevocation.keyCompromised }, at)];
    expect(await verdict(armor, [key])).toMatchObject(bad(/revoked/));
  });

  it('is heeded even if it was made with SHA-1', async () => {
    const key = await makeKey(T0, EASY);
    const armor = await craftArmor({ by: key, atSec: T0 + DAY });
    expect(await verdict(armor, [key])).toMatchObject(good);
    const over = { key: key.keyPacket };
    key.revocationSignatures.push(
      await craftSignature({ by: key, atSec: T0 + DAY, type: signature.keyRevocation, hash: hash.sha1, over }),
    );
    expect(await verdict(armor, [key])).toMatchObject(bad(/revoked/));
  });

  it('of the only user id takes the key with it', async () => {
    const key = await makeKey(T0);
    const [user] = key.users;
    if (user === undefined || !(key.keyPacket instanceof openpgp.SecretKeyPacket)) throw new Error('no user');
    const armor = await craftArmor({ by: key, atSec: T0 + DAY });
    key.users = [await user.revoke(key.keyPacket, { flag: reasonForRevocation.noReason }, new Date(T0 * 1000))];
    expect(await verdict(armor, [key])).toMatchObject(bad(/revoked/));
  });
});

describe('keys', () => {
  it('may sign by a subkey only if the subkey agrees', async () => {
    const key = await makeKey(T0, { subkeys: [{ sign: true }] });
    const [by] = key.subkeys;
    if (by === undefined) throw new Error('no subkey');
    const armor = await craftArmor({ by, atSec: T0 + DAY });
    expect(await verdict(armor, [key])).toMatchObject({ ...good, key: listed(key).key });
    const binding = await craftSignature({
      by: key,
      atSec: T0,
      type: signature.subkeyBinding,
      over: { key: key.keyPacket, bind: by.keyPacket },
      change: (packet) => {
        packet.keyFlags = new Uint8Array([keyFlags.signData]);
      },
    });
    by.bindingSignatures = [binding];
    expect(await verdict(armor, [key])).toMatchObject(bad(/embedded signature/));
  });

  it('are not confused when someone lists the subkey of another as his own', async () => {
    const victim = await makeKey(T0, { subkeys: [{ sign: true }] });
    const thief = await makeKey(T0);
    const [by] = victim.subkeys;
    if (by === undefined) throw new Error('no subkey');
    const stolen = new openpgp.Subkey(by.keyPacket, thief);
    stolen.bindingSignatures = [
      await craftSignature({
        by: thief,
        atSec: T0,
        type: signature.subkeyBinding,
        over: { key: thief.keyPacket, bind: by.keyPacket },
        change: (packet) => {
          packet.keyFlags = new Uint8Array([keyFlags.signData]);
          packet.embeddedSignature = by.bindingSignatures[0]?.embeddedSignature ?? null;
        },
      }),
    ];
    thief.subkeys = [stolen];
    const armor = await craftArmor({ by, atSec: T0 + DAY });
    expect(await verdict(armor, [thief, victim])).toMatchObject({ ...good, key: listed(victim).key });
    expect(await verdict(armor, [thief])).toMatchObject(bad(/not valid/));
  });

  it('that may only certify do not sign', async () => {
    const key = await makeKey(T0);
    const [user] = key.users;
    if (user === undefined) throw new Error('no user');
    user.selfCertifications = [await selfSignature(key, { atSec: T0, keyFlags: keyFlags.certifyKeys })];
    expect(await verdict(await craftArmor({ by: key, atSec: T0 }), [key])).toMatchObject(bad(/signing key/));
  });

  it('are refused if they vouch for themselves with SHA-1 alone', async () => {
    const key = await makeKey(T0, EASY);
    const [user] = key.users;
    if (user === undefined) throw new Error('no user');
    const armor = await craftArmor({ by: key, atSec: T0 + DAY });
    const weak = await selfSignature(key, { atSec: T0, hash: hash.sha1 });
    user.selfCertifications = [weak];
    expect(await verdict(armor, [key])).toMatchObject(bad(/SHA1/));
    user.selfCertifications = [weak, await selfSignature(key, { atSec: T0 + YEAR })];
    expect(await verdict(armor, [key])).toMatchObject(good);
  });

  it('of the newer Ed25519 kind are accepted, of version 6 not', async () => {
    const newer = await makeKey(T0, { type: 'curve25519' });
    expect(await verdict(await craftArmor({ by: newer, atSec: T0 }), [newer])).toMatchObject(good);
    const v6 = await makeKey(T0, { v6: true });
    expect(await verdict(await craftArmor({ by: v6, atSec: T0 }), [v6])).toMatchObject(bad(/version 4/));
  });

  it('that are not listed are named', async () => {
    const [key, other] = [await makeKey(T0), await makeKey(T0)];
    const armor = await craftArmor({ by: key, atSec: T0 });
    expect(await verdict(armor, [other])).toEqual({ status: 'unknown-key', keyId: listed(key).key });
    expect(await verdict(armor, [])).toEqual({ status: 'unknown-key', keyId: listed(key).key });
  });

  it('are refused under a wrong name, and as private keys', async () => {
    const [key, other] = [await makeKey(T0), await makeKey(T0)];
    const armor = await craftArmor({ by: other, atSec: T0 });
    const verifier = verifierAt(NOW);
    const lie = { key: listed(key).key, armored: listed(other).armored };
    expect(await verifier.verify(PAYLOAD, armor, [lie])).toMatchObject(bad(/another key's/));
    const honestName = { key: listed(other).key, armored: listed(key).armored };
    expect(await verifier.verify(PAYLOAD, armor, [honestName])).toMatchObject(bad(/another key's/));
    const secret = { key: listed(other).key, armored: other.armor() };
    expect(await verifier.verify(PAYLOAD, armor, [secret])).toMatchObject(bad(/private key/));
    const both = { key: listed(other).key, armored: listed(other).armored + listed(key).armored };
    expect((await verifier.verify(PAYLOAD, armor, [both])).status).not.toBe('unknown-key');
  });
});

describe('signatures', () => {
  it.each([
    ['SHA-1', hash.sha1],
    ['MD5', hash.md5],
    ['RIPEMD-160', hash.ripemd],
    ['SHA-224', hash.sha224],
  ])('over %s are refused', async (name, weak) => {
    const key = await makeKey(T0, EASY);
    expect(await verdict(await craftArmor({ by: key, atSec: T0, hash: weak }), [key])).toMatchObject(
      bad(new RegExp(name)),
    );
  });

  it.each([hash.sha256, hash.sha384, hash.sha512])('over hash %i are accepted', async (strong) => {
    const key = await makeKey(T0);
    expect(await verdict(await craftArmor({ by: key, atSec: T0, hash: strong }), [key])).toMatchObject(good);
  });

  it('stand alone', async () => {
    const key = await makeKey(T0);
    const one = await craftSignature({ by: key, atSec: T0 });
    expect(await verdict(armorOf(one, one), [key])).toMatchObject(bad(/too many/));
    expect(await verdict(armorOf(), [key])).toMatchObject(bad(/./));
  });

  it('of other types are refused: certifications, and text that may be altered', async () => {
    const key = await makeKey(T0);
    const [certification] = key.users[0]?.selfCertifications ?? [];
    if (certification === undefined) throw new Error('no self-signature');
    expect(await verdict(armorOf(certification), [key])).toMatchObject(bad(/binary data/));
    const text = await craftArmor({ by: key, atSec: T0, type: signature.text });
    expect(await verdict(text, [key])).toMatchObject(bad(/binary data/));
  });

  it('with demands that we do not know are refused', async () => {
    const key = await makeKey(T0);
    const withNotation = (critical: boolean) =>
      craftArmor({
        by: key,
        atSec: T0,
        change: (packet) => {
          packet.rawNotations = [{ name: 'x@example.org', value: new Uint8Array(3), humanReadable: true, critical }];
        },
      });
    expect(await verdict(await withNotation(false), [key])).toMatchObject(good);
    expect(await verdict(await withNotation(true), [key])).toMatchObject(bad(/critical/));
  });

  it('with unsigned additions are refused', async () => {
    const key = await makeKey(T0);
    const packet = await craftSignature({ by: key, atSec: T0 });
    expect(await verdict(armorOf(packet), [key])).toMatchObject(good);
    packet.unhashedSubpackets = [{ type: 20, critical: false, body: new Uint8Array(12) }];
    expect(await verdict(armorOf(packet), [key])).toMatchObject(bad(/canonical/));
  });
});

it('the crafted keys are as odd as they should be: openpgp.js alone accepts a SHA-1 self-signature', async () => {
  const key = await makeKey(T0, EASY);
  const [user] = key.users;
  if (user === undefined) throw new Error('no user');
  user.selfCertifications = [await selfSignature(key, { atSec: T0, hash: hash.sha1 })];
  const result = await openpgp.verify({
    message: await openpgp.createMessage({ binary: Buffer.from(PAYLOAD) }),
    signature: await openpgp.readSignature({ armoredSignature: await craftArmor({ by: key, atSec: T0 }) }),
    verificationKeys: key.toPublic(),
    config: ANYTHING,
  });
  await expect(result.signatures[0]?.verified).resolves.toBe(true);
});
