import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import * as openpgp from 'openpgp';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { PublicKey, SignatureVerifier, Verification } from '../../src/core/signing.ts';
import { encodeSshArmor } from '../../src/core/ssh/ssh-signature.ts';
import { wireString } from '../../src/core/ssh/wire-format.ts';
import { portableVerifier } from '../../src/portable/verify-signatures.ts';
import { parseKeyBlob } from '../../src/sign/ssh/ssh-public-key.ts';
import { signatureVerifier } from '../../src/sign/verify-signatures.ts';
import { armorOf, craftArmor, craftSignature, listed, makeKey } from '../sign/craft.ts';
import { DAY, PAYLOAD, T0, testSigner, YEAR } from '../sign/keys.ts';
import { bad, KEY_TYPES, keygenSign, listedKey, makeKeyPair, mpint, SIGNED, softToken } from '../sign/ssh/ssh-lab.ts';
import { tempGnupg } from '../support/gnupg.ts';
import { tempDir } from '../support/temp-repo.ts';

const NOW = T0 + 5 * YEAR;

/** What both say, which must be the same, down to the reason. */
async function verdict(
  armor: string,
  keys: readonly PublicKey[],
  { nowSec = NOW, payload = PAYLOAD, notBeforeSec }: { nowSec?: number; payload?: string; notBeforeSec?: number } = {},
): Promise<Verification> {
  const options = notBeforeSec === undefined ? {} : { notBeforeSec };
  const ask = (verifier: SignatureVerifier) => verifier.verify(payload, armor, keys, options);
  const portable = await ask(portableVerifier({ nowSec: () => nowSec }));
  expect(portable).toEqual(await ask(signatureVerifier({ nowSec: () => nowSec })));
  return portable;
}

describe('without node, the verdict is the same', () => {
  it.each([
    ['ed25519', ['SHA256', 'SHA384', 'SHA512']],
    ['rsa2048', ['SHA256', 'SHA384', 'SHA512', 'SHA1']],
    ['rsa3072', ['SHA512']],
    ['nistp256', ['SHA256', 'SHA384', 'SHA512']],
    ['nistp384', ['SHA384', 'SHA512']],
    ['nistp521', ['SHA512']],
  ])('on a signature by gpg: %s', async (algorithm, hashes) => {
    const { gpg, makeKey: makeGpgKey } = tempGnupg();
    const fingerprint = makeGpgKey('Ada <ada@example.org>', algorithm);
    const nowSec = Math.floor(Date.now() / 1000);
    const keys = [{ key: `openpgp:${fingerprint}` as const, armored: gpg(['--armor', '--export']) }];
    for (const hash of hashes) {
      const armor = gpg(['--armor', '--detach-sign', '--digest-algo', hash], PAYLOAD);
      expect(await verdict(armor, keys, { nowSec })).toMatchObject({ status: hash === 'SHA1' ? 'bad' : 'good' });
      expect(await verdict(armor, keys, { nowSec, payload: `${PAYLOAD}x` })).toMatchObject({ status: 'bad' });
      if (hash !== 'SHA1') expect(await verdict(armor, [], { nowSec })).toMatchObject({ status: 'unknown-key' });
    }
  });

  it('on the Ed25519 of RFC 9580', async () => {
    const key = await makeKey(T0, { type: 'curve25519' });
    expect(await verdict(await craftArmor({ by: key, atSec: T0 }), [listed(key)])).toMatchObject({ status: 'good' });
  });

  it('on keys that have expired, were revoked, or may not sign', async () => {
    const key = await makeKey(T0, { keyExpirationTime: YEAR, subkeys: [{ sign: true, keyExpirationTime: DAY }] });
    const [subkey = key] = key.subkeys;
    for (const by of [key, subkey]) {
      for (const atSec of [T0 - 1, T0, T0 + DAY - 1, T0 + DAY, T0 + YEAR - 1, T0 + YEAR]) {
        await verdict(await craftArmor({ by, atSec }), [listed(key)]);
      }
    }
    for (const flag of Object.values(openpgp.enums.reasonForRevocation)) {
      if (typeof flag !== 'number') continue;
      const date = new Date((T0 + 10 * DAY) * 1000);
      const revocation = { key, reasonForRevocation: { flag }, date, format: 'object' as const };
      const { publicKey } = await openpgp.revokeKey(revocation);
      for (const atSec of [T0 + DAY, T0 + 20 * DAY])
        await verdict(await craftArmor({ by: key, atSec }), [listed(publicKey)]);
    }
  });

  it('on a key that had run out when the signature can have been made', async () => {
    const key = await makeKey(T0, { keyExpirationTime: YEAR });
    const armor = await craftArmor({ by: key, atSec: T0 + DAY });
    expect(await verdict(armor, [listed(key)], { notBeforeSec: T0 + 2 * DAY })).toMatchObject({ status: 'good' });
    expect(await verdict(armor, [listed(key)], { notBeforeSec: T0 + 2 * YEAR })).toMatchObject({
      status: 'bad',
      reason: expect.stringContaining('expired'),
    });
  });

  it('on every byte of the armor changed, and on other spellings', async () => {
    const { signer, publicKey } = await testSigner();
    const armor = await signer.sign(PAYLOAD);
    for (let at = 0; at < armor.length; at++) {
      const changed = String.fromCharCode(armor.charCodeAt(at) ^ 1);
      const text = armor.slice(0, at) + changed + armor.slice(at + 1);
      expect((await verdict(text, [publicKey], { nowSec: T0 + DAY })).status).not.toBe('good');
    }
    const spellings = [
      armor.replaceAll('\n', '\r\n'),
      `${armor}\n`,
      armor + armor,
      armor.replace('\n\n', '\nA: b\n\n'),
    ];
    for (const text of spellings) expect((await verdict(text, [publicKey])).status).toBe('bad');
  });

  it('on two packets, on other kinds of signature, and on signatures of the future', async () => {
    const key = await makeKey(T0);
    const packet = await craftSignature({ by: key, atSec: T0 });
    expect((await verdict(armorOf(packet, packet), [listed(key)])).status).toBe('bad');
    const { signature, hash } = openpgp.enums;
    for (const type of [signature.text, signature.standalone]) {
      expect((await verdict(await craftArmor({ by: key, atSec: T0, type }), [listed(key)])).status).toBe('bad');
    }
    const p256 = await makeKey(T0, { curve: 'nistP256' });
    const weak = await craftArmor({ by: p256, atSec: T0, hash: hash.sha1 });
    expect((await verdict(weak, [listed(p256)])).status).toBe('bad');
    expect((await verdict(await craftArmor({ by: key, atSec: NOW + 301 }), [listed(key)])).status).toBe('bad');
  });

  it('on certificates that cannot be used', async () => {
    const [key, other] = [await makeKey(T0), await makeKey(T0)];
    const armor = await craftArmor({ by: key, atSec: T0 });
    const { key: id } = listed(key);
    expect((await verdict(armor, [{ key: id, armored: 'no certificate' }])).status).toBe('bad');
    expect((await verdict(armor, [{ key: id, armored: listed(other).armored }])).status).toBe('bad');
    expect((await verdict(armor, [{ key: listed(other).key, armored: listed(key).armored }])).status).toBe('bad');
    expect((await verdict(armor, [{ key: id, armored: key.armor() }])).status).toBe('bad');
  });
});

describe('without node, the verdict on SSH signatures is the same', () => {
  it.each(KEY_TYPES)('by ssh-keygen: %s', async (_, ...args) => {
    const dir = tempDir();
    const pair = makeKeyPair(dir, { args });
    const { listed: other } = makeKeyPair(dir, { name: 'other', args });
    for (const options of [[], ['-O', 'hashalg=sha256']]) {
      const armor = keygenSign(pair, { options });
      expect(await verdict(armor, [other, pair.listed])).toEqual({
        status: 'good',
        key: pair.listed.key,
        signedAtSec: undefined,
      });
      expect(await verdict(armor, [pair.listed], { payload: `${PAYLOAD}x` })).toMatchObject({ status: 'bad' });
      expect(await verdict(armor, [other])).toEqual({ status: 'unknown-key', keyId: pair.listed.key });
    }
    const elsewhere = await verdict(keygenSign(pair, { namespace: 'file' }), [pair.listed]);
    expect(elsewhere).toEqual(bad(/made for 'file'/));
  });

  it('by an RSA key, over SHA-256, SHA-512, and a hash that it does not name', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const { e = '', n = '' } = publicKey.export({ format: 'jwk' });
    const numbers = [e, n].map((text) => mpint(Buffer.from(text, 'base64url')));
    const key = parseKeyBlob(Buffer.concat([wireString('ssh-rsa'), ...numbers]));
    const armor = (type: string, hash: string) => {
      const signature = Buffer.concat([wireString(type), wireString(sign(hash, SIGNED, privateKey))]);
      return encodeSshArmor({ publicKey: key.blob, hash: 'sha512', signature });
    };
    const keys = [listedKey(key)];
    expect(await verdict(armor('rsa-sha2-256', 'sha256'), keys)).toMatchObject({ status: 'good' });
    expect(await verdict(armor('rsa-sha2-512', 'sha512'), keys)).toMatchObject({ status: 'good' });
    expect(await verdict(armor('rsa-sha2-512', 'sha256'), keys)).toEqual(bad(/not match/));
    expect(await verdict(armor('ssh-rsa', 'sha1'), keys)).toEqual(bad(/SHA-1/));
  });

  it.each(['ed25519', 'ecdsa'] as const)('by an authenticator: %s', async (kind) => {
    const token = softToken(kind);
    for (const counter of [0, 7, 0xffffffff])
      expect(await verdict(token.sign({ counter }), [token.listed])).toMatchObject({ status: 'good' });
    expect(await verdict(token.sign({ flags: 5 }), [token.listed])).toMatchObject({ status: 'good' });
    for (const flags of [0, 4]) {
      expect(await verdict(token.sign({ flags }), [token.listed])).toEqual(bad(/nobody touched/));
    }
  });

  it.each(['ed25519', 'ecdsa'] as const)('on any byte of a signature changed: %s', async (kind) => {
    const token = softToken(kind);
    const armor = token.sign();
    const bytes = Buffer.from(armor.split('\n').slice(1, -2).join(''), 'base64');
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes);
      changed[at] = (bytes[at] ?? 0) ^ 1;
      const lines = changed.toString('base64').replace(/.{1,70}/g, '$&\n');
      const text = `-----BEGIN SSH SIGNATURE-----\n${lines}-----END SSH SIGNATURE-----\n`;
      expect((await verdict(text, [token.listed])).status).not.toBe('good');
    }
    for (let at = 0; at < armor.length; at++) {
      expect((await verdict(armor.slice(0, at), [token.listed])).status).toBe('bad');
    }
  });

  it('on keys that cannot be used, and keys under the names of others', async () => {
    const pair = makeKeyPair(tempDir());
    const { key, armored } = pair.listed;
    const other = softToken('ecdsa').listed;
    const armor = keygenSign(pair);
    expect(await verdict(armor, [{ key, armored: 'key' }])).toEqual(bad(/cannot be used: not the line/));
    expect(await verdict(armor, [{ key, armored: armored.trimEnd() }])).toEqual(bad(/cannot be used: .*canonical/));
    expect(await verdict(armor, [{ key, armored: other.armored }])).toEqual(bad(/is another one/));
    expect(await verdict(armor, [{ key: other.key, armored }])).toEqual({ status: 'unknown-key', keyId: key });
    const openpgp: PublicKey = { key: `openpgp:${'0'.repeat(40)}`, armored };
    expect(await verdict(armor, [openpgp])).toEqual({ status: 'unknown-key', keyId: key });
  });

  it('on a point that is not on its curve', async () => {
    const fields = ['ecdsa-sha2-nistp256', 'nistp256', Buffer.from([4, ...Buffer.alloc(64, 1)])];
    const blob = Buffer.concat(fields.map(wireString));
    const id = createHash('sha256').update(blob).digest('hex');
    const listed: PublicKey = { key: `ssh:${id}`, armored: `ecdsa-sha2-nistp256 ${blob.toString('base64')}\n` };
    const armor = encodeSshArmor({ publicKey: blob, hash: 'sha512', signature: wireString('x') });
    expect(await verdict(armor, [listed])).toEqual(bad(/cannot be used: the public key is not a valid one/));
  });
});

it('a key that a browser does not take is no fault of the signature, unless it is no key', async () => {
  vi.spyOn(crypto.subtle, 'importKey').mockRejectedValue(new DOMException('no', 'DataError'));
  onTestFinished(() => void vi.restoreAllMocks());
  const dir = tempDir();
  const verify = (pair: ReturnType<typeof makeKeyPair>) =>
    portableVerifier({ nowSec: () => NOW }).verify(PAYLOAD, keygenSign(pair), [pair.listed]);
  await expect(verify(makeKeyPair(dir, { name: 'rsa', args: ['-t', 'rsa', '-b', '2048'] }))).rejects.toMatchObject({
    kind: 'config',
    message: expect.stringContaining('cannot check signatures of type RSA'),
  });
  expect(await verify(makeKeyPair(dir))).toEqual(bad(/not a valid one/));
});

it('an armor of neither kind is bad in both', async () => {
  for (const armor of ['', '-----BEGIN SIGNED MESSAGE-----\n', '-----BEGIN SSH SIGNATURE-----']) {
    expect(await verdict(armor, [])).toEqual(bad(/neither/));
  }
});
