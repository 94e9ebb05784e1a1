import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeLooseArmor, encodeArmor } from '../../src/core/openpgp/armor.ts';
import type { PublicKey } from '../../src/core/signing.ts';
import { generateSigningKey } from '../../src/sign/openpgp/openpgp-key.ts';
import { runTool, type TempGnupg, tempGnupg } from '../support/gnupg.ts';
import { tempDir, tempRepo } from '../support/temp-repo.ts';
import { PAYLOAD, signerAt, testSigner, verifierAt } from './keys.ts';

const nowSec = Math.floor(Date.now() / 1000);

describe('what we sign', () => {
  it('is accepted by git verify-tag, gpg and sqop', async () => {
    const { signer, publicKey } = await testSigner({ atSec: nowSec });
    const { env, gpg } = tempGnupg();
    const repo = tempRepo();
    const tree = repo.git('hash-object', '-w', '-t', 'tree', '/dev/null');
    const payload = `object ${tree}\ntype tree\ntag t\ntagger A <a@b.c> ${nowSec} +0000\n\nsubject \xc3\xa9\n`;
    const armor = await signer.sign(payload);

    gpg(['--import'], publicKey.armored);
    const oid = runTool('git', ['-C', repo.dir, 'hash-object', '-w', '-t', 'tag', '--stdin'], {
      input: payload + armor,
    }).trim();
    runTool('git', ['-C', repo.dir, 'verify-tag', oid], { env });
    expect(repo.git('fsck', '--strict', '--no-dangling')).toBe('');

    const dir = tempDir();
    writeFileSync(join(dir, 'sig'), armor, 'latin1');
    writeFileSync(join(dir, 'cert'), publicKey.armored);
    gpg(['--verify', join(dir, 'sig'), '-'], payload);
    const verdict = runTool('sqop', ['verify', join(dir, 'sig'), join(dir, 'cert')], { input: payload });
    expect(verdict).toContain(signer.key.slice('openpgp:'.length));
    expect(() => gpg(['--verify', join(dir, 'sig'), '-'], `${payload}x`)).toThrow(/BAD signature/);
  });

  it('can be signed with a protected key that gpg imports', async () => {
    const { gpg } = tempGnupg();
    const made = await generateSigningKey({ name: 'Ada', email: 'ada@localhost', atSec: nowSec, passphrase: 'a b c' });
    gpg(['--pinentry-mode', 'loopback', '--passphrase', 'a b c', '--import'], made.armoredPrivate);
    const armor = gpg(['--pinentry-mode', 'loopback', '--passphrase', 'a b c', '--armor', '--detach-sign'], PAYLOAD);
    const keys = [{ key: made.key, armored: made.armoredPublic }];
    expect(await verifierAt(nowSec).verify(PAYLOAD, armor, keys)).toMatchObject({ status: 'good', key: made.key });
  });
});

describe('what gpg signs', () => {
  it.each(['ed25519', 'rsa3072', 'nistp256', 'nistp384'])('verifies: git tag -s with %s', async (algorithm) => {
    const { env, gpg, makeKey } = tempGnupg();
    const fingerprint = makeKey('Ada <ada@example.org>', algorithm);
    const repo = tempRepo();
    repo.git('commit', '-q', '--allow-empty', '-m', 'c');
    runTool('git', ['-C', repo.dir, 'tag', '-s', '-u', fingerprint, '-m', 'subject', 't'], { env });
    const tag = runTool('git', ['-C', repo.dir, 'cat-file', 'tag', 't']);
    const at = tag.indexOf('-----BEGIN');
    const listed: PublicKey = { key: `openpgp:${fingerprint}`, armored: gpg(['--armor', '--export', fingerprint]) };
    const verifier = verifierAt(Math.floor(Date.now() / 1000));

    const [payload, armor] = [tag.slice(0, at), tag.slice(at)];
    expect(await verifier.verify(payload, armor, [listed])).toMatchObject({ status: 'good', key: listed.key });
    expect(await verifier.verify(`${payload}x`, armor, [listed])).toEqual({
      status: 'bad',
      reason: 'the signature does not match the content',
    });
  });

  it('verifies with a signing subkey, and names the primary key', async () => {
    const { gpg, makeKey } = tempGnupg();
    const fingerprint = makeKey('Ada <ada@example.org>', 'ed25519', { usage: 'cert' });
    gpg(['--passphrase', '', '--quick-add-key', fingerprint, 'ed25519', 'sign']);
    const armor = gpg(['--armor', '--detach-sign'], PAYLOAD);
    const listed: PublicKey = { key: `openpgp:${fingerprint}`, armored: gpg(['--armor', '--export', fingerprint]) };
    const other = (await testSigner()).publicKey;
    const verdict = await verifierAt(Math.floor(Date.now() / 1000)).verify(PAYLOAD, armor, [other, listed]);
    expect(verdict).toMatchObject({ status: 'good', key: listed.key });

    const exported = gpg(['--armor', '--export-secret-subkeys', fingerprint]);
    const signer = await signerAt(exported, Math.floor(Date.now() / 1000));
    expect(signer.key).toBe(listed.key);
    const ours = await signer.sign(PAYLOAD);
    expect(await verifierAt(Math.floor(Date.now() / 1000)).verify(PAYLOAD, ours, [listed])).toMatchObject({
      status: 'good',
    });
  });
});

describe('what gpg signs, and we do not accept,', () => {
  const exportOf = (gnupg: TempGnupg, fingerprint: string): PublicKey => ({
    key: `openpgp:${fingerprint}`,
    armored: gnupg.gpg(['--armor', '--export', fingerprint]),
  });
  const verdict = (armor: string, keys: PublicKey[]) =>
    verifierAt(Math.floor(Date.now() / 1000)).verify(PAYLOAD, armor, keys);

  it.each([
    ['text mode', ['--textmode'], /binary data/],
    ['SHA-1', ['--digest-algo', 'SHA1'], /SHA-1/],
    ['RIPEMD-160', ['--digest-algo', 'RIPEMD160'], /RIPEMD-160/],
    ['a critical notation', ['--set-notation', '!x@example.org=y'], /critical/],
    ['a comment in the armor', ['--comment', 'hello'], /canonical/],
    ['a time to come', ['--faked-system-time=20500101T000000'], /future/],
    [
      'a time before the key was made',
      ['--faked-system-time=20200101T000000', '--ignore-time-conflict'],
      /older than its key/,
    ],
  ])('may have %s', async (_, options, reason) => {
    const gnupg = tempGnupg();
    const fingerprint = gnupg.makeKey('Ada <ada@example.org>', 'rsa2048');
    const keys = [exportOf(gnupg, fingerprint)];
    const sign = (args: readonly string[]) => gnupg.gpg([...args, '--armor', '--detach-sign'], PAYLOAD);
    expect(await verdict(sign([]), keys)).toMatchObject({ status: 'good' });
    expect(await verdict(sign(options), keys)).toMatchObject({ status: 'bad', reason: expect.stringMatching(reason) });
  });

  it('may be two signatures in one armor', async () => {
    const gnupg = tempGnupg();
    const [a, b] = [gnupg.makeKey('Ada <a@example.org>', 'ed25519'), gnupg.makeKey('Bea <b@example.org>', 'ed25519')];
    const armor = gnupg.gpg(['-u', a, '-u', b, '--armor', '--detach-sign'], PAYLOAD);
    const keys = [exportOf(gnupg, a), exportOf(gnupg, b)];
    expect(await verdict(armor, keys)).toMatchObject({ status: 'bad', reason: expect.stringMatching(/too many/) });
  });

  it('may be by a key that was revoked without a reason', async () => {
    const gnupg = tempGnupg();
    const fingerprint = gnupg.makeKey('Ada <ada@example.org>', 'ed25519');
    const armor = gnupg.gpg(['--armor', '--detach-sign'], PAYLOAD);
    expect(await verdict(armor, [exportOf(gnupg, fingerprint)])).toMatchObject({ status: 'good' });
    const revocation = readFileSync(join(gnupg.home, 'openpgp-revocs.d', `${fingerprint}.rev`), 'latin1');
    gnupg.gpg(['--import'], revocation.replace(/^:-/m, '-'));
    expect(await verdict(armor, [exportOf(gnupg, fingerprint)])).toMatchObject({
      status: 'bad',
      reason: expect.stringMatching(/revoked/),
    });
  });

  it('may vouch for itself with SHA-1', async () => {
    const gnupg = tempGnupg();
    const fingerprint = gnupg.makeKey('Ada <ada@example.org>', 'rsa2048', { options: ['--cert-digest-algo', 'SHA1'] });
    const armor = gnupg.gpg(['--armor', '--detach-sign'], PAYLOAD);
    const keys = [exportOf(gnupg, fingerprint)];
    expect(await verdict(armor, keys)).toMatchObject({ status: 'bad', reason: expect.stringMatching(/SHA1/) });
  });

  it('may be by a key that has expired; what it signed before stays good', async () => {
    const gnupg = tempGnupg();
    const fingerprint = gnupg.makeKey('Ada <ada@example.org>', 'ed25519', {
      at: '20250101T000000',
      expires: '2025-06-01',
    });
    const before = gnupg.gpg(['--faked-system-time=20250201T000000', '--armor', '--detach-sign'], PAYLOAD);
    const [key] = [exportOf(gnupg, fingerprint)];
    expect(await verdict(before, [key])).toMatchObject({ status: 'good' });
  });

  it.each(['brainpoolP256r1', 'secp256k1', 'dsa2048', 'rsa1024'])(
    'may be by a key of a kind that is refused: %s',
    async (algorithm) => {
      const gnupg = tempGnupg();
      const fingerprint = gnupg.makeKey('Ada <ada@example.org>', algorithm);
      const armor = gnupg.gpg(['--armor', '--detach-sign'], PAYLOAD);
      const found = await verdict(armor, [exportOf(gnupg, fingerprint)]);
      expect(found).toMatchObject({ status: 'bad', reason: expect.stringMatching(/not supported|too weak/) });
    },
  );
});

describe('what Sequoia signs', () => {
  it('verifies', async () => {
    const dir = tempDir();
    const secret = runTool('sqop', ['generate-key', 'Ada <ada@example.org>']);
    writeFileSync(join(dir, 'key'), secret);
    const armored = runTool('sqop', ['extract-cert'], { input: secret });
    const armor = runTool('sqop', ['sign', join(dir, 'key')], { input: PAYLOAD });
    const { gpg } = tempGnupg();
    gpg(['--import'], armored);
    const fingerprint = /^fpr:{9}([0-9A-F]{40}):/m.exec(gpg(['--with-colons', '--list-keys']))?.[1];
    const listed: PublicKey = { key: `openpgp:${fingerprint}`, armored };
    const verdict = await verifierAt(Math.floor(Date.now() / 1000)).verify(
      PAYLOAD,
      encodeArmor(decodeLooseArmor(armor)),
      [listed],
    );
    expect(verdict).toMatchObject({ status: 'good', key: listed.key });
  });
});
