import * as openpgp from 'openpgp';
import { describe, expect, it } from 'vitest';
import { SnapshotError } from '../../src/core/errors.ts';
import { generateSigningKey, readSigningKey } from '../../src/sign/openpgp/openpgp-key.ts';
import { OpenPgpSigner } from '../../src/sign/openpgp/openpgp-signer.ts';
import { WrongPassphraseError } from '../../src/sign/openpgp/signing-key.ts';
import { tempGnupg } from '../support/gnupg.ts';
import { makeKey } from './craft.ts';
import { DAY, PAYLOAD, signerAt, T0, testSigner, verifierAt, YEAR } from './keys.ts';

const read = (armored: string, atSec = T0) => readSigningKey({ armored, source: 'key.asc', atSec });

describe('making a key', () => {
  it.each([
    ['Ada Example', 'ada@example.org', 'Ada Example <ada@example.org>'],
    ['Ada', 'ada@localhost', 'Ada <ada@localhost>'],
    ['Ada', 'ada', 'Ada <ada>'],
    ['Ada', '', 'Ada'],
    ['', 'ada@example.org', '<ada@example.org>'],
    ['Äda (QA) "x" \\', 'ä@exämple.örg.', 'Äda (QA) "x" \\ <ä@exämple.örg.>'],
    ['build', '1+bot[x]@users.noreply.example.org', 'build <1+bot[x]@users.noreply.example.org>'],
  ])('takes any identity that git takes: %s <%s>', async (name, email, userId) => {
    const made = await generateSigningKey({ name, email, atSec: T0 });
    const { gpg } = tempGnupg();
    gpg(['--import'], made.armoredPrivate);
    const listing = Buffer.from(gpg(['--with-colons', '--list-secret-keys']), 'latin1').toString();
    const shown = /^uid:(?:[^:]*:){8}([^:]*):/m
      .exec(listing)?.[1]
      ?.replace(/\\x([0-9a-f]{2})/g, (_, h: string) => String.fromCharCode(Number.parseInt(h, 16)));
    expect(shown?.replaceAll('\\\\', '\\')).toBe(userId);
    expect(listing).toContain(`fpr:::::::::${made.key.slice('openpgp:'.length)}:`);
  });

  it.each([
    ['', ''],
    ['a\nb', 'a@b.c'],
    ['a\0', 'a@b.c'],
    ['a\u202eb', 'a@b.c'],
    ['\ud800', 'a@b.c'],
    ['a', 'x> <y@z'],
    ['x'.repeat(2000), 'a@b.c'],
  ])('refuses others with a hint: %j', async (name, email) => {
    const error = await generateSigningKey({ name, email, atSec: T0 }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(SnapshotError);
    expect(error).toMatchObject({ kind: 'config', hint: expect.any(String) });
  });

  it('gives a key that begins at the given time, has no subkeys and does not expire', async () => {
    const made = await generateSigningKey({ name: 'Ada', email: 'a@b.c', atSec: T0 });
    const key = await openpgp.readKey({ armoredKey: made.armoredPublic });
    expect(key.getCreationTime()).toEqual(new Date(T0 * 1000));
    expect(key.subkeys).toEqual([]);
    expect(await key.getExpirationTime()).toBe(Number.POSITIVE_INFINITY);
    expect(made.armoredPrivate + made.armoredPublic).not.toContain('\r');
  });
});

describe('reading a key', () => {
  it('says what is wrong with it', async () => {
    const good = await generateSigningKey({ name: 'Ada', email: 'a@b.c', atSec: T0 });
    await expect(read('')).rejects.toThrow(/not an OpenPGP key/);
    await expect(read('hello')).rejects.toThrow(/not an OpenPGP key/);
    await expect(read(good.armoredPublic)).rejects.toThrow(/it is a public key/);
    await expect(read(good.armoredPrivate, T0 - 1)).rejects.toMatchObject({ kind: 'config', hint: expect.any(String) });
    await expect(read((await makeKey(T0, { keyExpirationTime: DAY })).armor(), T0 + DAY)).rejects.toThrow(/expired/);
    await expect(read((await makeKey(T0, { v6: true })).armor())).rejects.toThrow(/version 6/);
    const revoked = await openpgp.revokeKey({ key: await makeKey(T0), date: new Date(T0 * 1000), format: 'armored' });
    await expect(read(revoked.privateKey ?? '', T0 + YEAR)).rejects.toThrow(/revoked/);
  });

  it.each(['brainpoolP256r1', 'secp256k1', 'rsa1024'])(
    'refuses a key of a kind that is not supported: %s',
    async (algorithm) => {
      const { gpg, makeKey: makeGpgKey } = tempGnupg();
      makeGpgKey('Ada <ada@example.org>', algorithm);
      const armored = gpg(['--armor', '--export-secret-keys']);
      await expect(read(armored, Math.floor(Date.now() / 1000))).rejects.toMatchObject({
        kind: 'config',
        hint: expect.any(String),
      });
    },
  );

  it('does not show the secret in an error', async () => {
    const good = await generateSigningKey({ name: 'Ada', email: 'a@b.c', atSec: T0, passphrase: 'hunter2' });
    const locked = await read(good.armoredPrivate);
    const error = await locked.unlock('hunter3').catch((e: unknown) => e);
    expect(error).toBeInstanceOf(WrongPassphraseError);
    expect(String(error)).not.toContain('hunter');
  });
});

describe('the signer', () => {
  const protectedSigner = async (answers: string[]) => {
    const made = await generateSigningKey({ name: 'Ada', email: 'a@b.c', atSec: T0, passphrase: 'right' });
    const asked: string[] = [];
    const signer = new OpenPgpSigner({
      signingKey: await read(made.armoredPrivate),
      nowSec: () => T0,
      askPassphrase: async (prompt) => {
        asked.push(prompt);
        return answers[asked.length - 1] ?? '';
      },
    });
    return { signer, asked, publicKey: { key: made.key, armored: made.armoredPublic } };
  };

  it('dates the signature by its clock and writes the canonical armor', async () => {
    const { signer, publicKey } = await testSigner({ atSec: T0 });
    const armor = await signer.sign(PAYLOAD);
    expect(armor).toMatch(/^-----BEGIN PGP SIGNATURE-----\n\n(?:[^\n]{1,64}\n)+=.{4}\n-----END PGP SIGNATURE-----\n$/);
    const verdict = await verifierAt(T0).verify(PAYLOAD, armor, [publicKey]);
    expect(verdict).toEqual({ status: 'good', key: signer.key, signedAtSec: T0 });
  });

  it('signs any bytes', async () => {
    const { signer, publicKey } = await testSigner();
    const payload = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)).join('');
    for (const bytes of ['', payload, 'a\r\nb\n', 'no line feed']) {
      expect(await verifierAt(T0).verify(bytes, await signer.sign(bytes), [publicKey])).toMatchObject({
        status: 'good',
      });
    }
  });

  it('asks until the passphrase is right, then never again', async () => {
    const { signer, asked, publicKey } = await protectedSigner(['wrong', '', 'right']);
    await signer.unlock();
    await signer.unlock();
    const armor = await signer.sign(PAYLOAD);
    expect(asked).toHaveLength(3);
    expect(asked[0]).toContain(signer.key);
    expect(await verifierAt(T0).verify(PAYLOAD, armor, [publicKey])).toMatchObject({ status: 'good' });
  });

  it('gives up after three tries', async () => {
    const { signer, asked } = await protectedSigner(['a', 'b', 'c', 'right']);
    await expect(signer.unlock()).rejects.toBeInstanceOf(WrongPassphraseError);
    expect(asked).toHaveLength(3);
  });

  it('asks once for two signatures at the same time', async () => {
    const { signer, asked } = await protectedSigner(['right']);
    await Promise.all([signer.sign(PAYLOAD), signer.sign(PAYLOAD)]);
    expect(asked).toHaveLength(1);
  });

  it('passes on what the prompt throws', async () => {
    const made = await generateSigningKey({ name: 'Ada', email: 'a@b.c', atSec: T0, passphrase: 'right' });
    const signingKey = await read(made.armoredPrivate);
    const askPassphrase = () => Promise.reject(new Error('no terminal'));
    const signer = new OpenPgpSigner({ signingKey, nowSec: () => T0, askPassphrase });
    await expect(signer.sign(PAYLOAD)).rejects.toThrow('no terminal');
  });

  it('reads a key that gpg made and protected', async () => {
    const { gpg } = tempGnupg();
    const loopback = ['--pinentry-mode', 'loopback', '--passphrase', 'secret'];
    gpg([...loopback, '--quick-generate-key', 'Ada <ada@example.org>', 'ed25519', 'sign']);
    const armored = gpg([...loopback, '--armor', '--export-secret-keys']);
    const nowSec = Math.floor(Date.now() / 1000);
    const locked = await read(armored, nowSec);
    expect(locked.locked).toBe(true);
    const unlocked = await locked.unlock('secret');
    expect(unlocked.locked).toBe(false);
    const signer = new OpenPgpSigner({ signingKey: unlocked, nowSec: () => nowSec, askPassphrase: async () => '' });
    const keys = [{ key: unlocked.key, armored: unlocked.armoredPublic }];
    expect(await verifierAt(nowSec).verify(PAYLOAD, await signer.sign(PAYLOAD), keys)).toMatchObject({
      status: 'good',
    });
  });

  it('signs with a key read from its armor', async () => {
    const made = await generateSigningKey({ name: 'Ada', email: 'a@b.c', atSec: T0 });
    expect((await signerAt(made.armoredPrivate, T0)).key).toBe(made.key);
  });
});
