import { readFileSync } from 'node:fs';
import * as openpgp from 'openpgp';
import { describe, expect, it } from 'vitest';
import { readPublicKeyFile } from '../../src/sign/public-key-file.ts';
import { runTool, tempGnupg } from '../support/gnupg.ts';
import { tempDir } from '../support/temp-repo.ts';
import { makeKey } from './craft.ts';
import { DAY, keyId, PAYLOAD, T0, testSigner, verifierAt, YEAR } from './keys.ts';
import { makeKeyPair, softToken } from './ssh/ssh-lab.ts';

const read = (bytes: string, nowSec = T0 + DAY) => readPublicKeyFile(bytes, { source: 'ada.asc', nowSec });
const refused = (reason: RegExp) => ({ kind: 'usage', message: expect.stringMatching(reason) });

describe('OpenPGP', () => {
  it('reads what gpg exports', async () => {
    const gnupg = tempGnupg();
    const fingerprint = gnupg.makeKey('Ada Example <ada@example.org>', 'ed25519', { expires: '2y' });
    const exported = gnupg.gpg(['--armor', '--export', fingerprint]);
    const nowSec = Math.floor(Date.now() / 1000);
    const { publicKey, ...rest } = await read(exported, nowSec);
    expect(publicKey.key).toBe(keyId(fingerprint));
    expect(rest).toEqual({
      userIds: ['Ada Example <ada@example.org>'],
      comment: undefined,
      createdAtSec: expect.closeTo(nowSec, -3),
      expiresAtSec: expect.closeTo(nowSec + 2 * YEAR, -6),
    });
    const armor = gnupg.gpg(['--armor', '--detach-sign', '-u', fingerprint], PAYLOAD);
    expect(await verifierAt(nowSec).verify(PAYLOAD, armor, [publicKey])).toMatchObject({ status: 'good' });
  });

  it('keeps the key, and nothing that stands around it', async () => {
    const { publicKey } = await testSigner();
    const { armored } = publicKey;
    const commented = armored.replace('\n\n', '\nComment: the best key\nVersion: 1\n\n');
    for (const text of [
      armored,
      `\n${armored}\n`,
      armored.replaceAll('\n', '\r\n'),
      commented,
      `Hello\n\n${armored}Bye\n`,
    ]) {
      expect((await read(text)).publicKey).toEqual({ key: publicKey.key, armored });
    }
    expect((await read(armored)).expiresAtSec).toBeUndefined();
  });

  it('refuses what could not sign a snapshot now', async () => {
    const expiring = (await makeKey(T0, { keyExpirationTime: YEAR })).toPublic().armor();
    expect((await read(expiring)).expiresAtSec).toBe(T0 + YEAR);
    await expect(read(expiring, T0 + 2 * YEAR)).rejects.toMatchObject(
      refused(/^cannot take the key in 'ada.asc': .*expired/),
    );
    const six = (await makeKey(T0, { v6: true, type: 'curve25519' })).toPublic().armor();
    await expect(read(six)).rejects.toMatchObject(refused(/version 6 are not supported/));
  });

  it('refuses a private key, several keys, binary ones, and damaged ones', async () => {
    const key = await makeKey(T0);
    const armored = key.toPublic().armor();
    await expect(read(key.armor())).rejects.toMatchObject(refused(/private key, which nobody else should ever see/));
    await expect(read(armored + armored)).rejects.toMatchObject(refused(/several keys/));
    const ring = [key.toPublic(), (await makeKey(T0)).toPublic()].map((one) => Buffer.from(one.write()));
    const both = openpgp.armor(openpgp.enums.armor.publicKey, Buffer.concat(ring));
    await expect(read(both)).rejects.toMatchObject(refused(/not exactly one OpenPGP public key/));
    await expect(read(Buffer.from(key.toPublic().write()).toString('latin1'))).rejects.toMatchObject(
      refused(/it is binary/),
    );
    await expect(read(armored.slice(0, 200))).rejects.toMatchObject(refused(/damaged|not an OpenPGP public key/));
    await expect(read(armored.replace(/\n.{10}/, '\n!!!!!!!!!!'))).rejects.toMatchObject({ kind: 'usage' });
  });
});

describe('SSH', () => {
  it('reads the line that ssh-keygen writes', async () => {
    const pair = makeKeyPair(tempDir(), { comment: 'Ada’s laptop' });
    const { line, listed } = { ...pair, line: readFileSync(`${pair.file}.pub`, 'latin1') };
    for (const text of [line, line.trimEnd(), `# my key\n\n${line}\n`, line.replace('\n', '\r\n')]) {
      expect(await read(text)).toEqual({
        publicKey: listed,
        userIds: [],
        comment: 'Ada’s laptop',
        createdAtSec: undefined,
        expiresAtSec: undefined,
      });
    }
    const token = softToken('ecdsa');
    expect(await read(token.line)).toMatchObject({ publicKey: token.listed, comment: undefined });
  });

  it('refuses a private key, several keys, and other formats of the same key, with a hint', async () => {
    const pair = makeKeyPair(tempDir(), { args: ['-t', 'rsa', '-b', '2048'] });
    const exported = (format: string) => runTool('ssh-keygen', ['-e', '-m', format, '-f', `${pair.file}.pub`]);
    await expect(read(readFileSync(pair.file, 'latin1'))).rejects.toMatchObject(refused(/private key/));
    const pem = makeKeyPair(tempDir(), { args: ['-t', 'rsa', '-b', '2048', '-m', 'PEM'] });
    await expect(read(readFileSync(pem.file, 'latin1'))).rejects.toMatchObject(refused(/private key/));
    await expect(read(pair.line + pair.line)).rejects.toMatchObject(refused(/several keys/));
    await expect(read('export A=1\nexport B=2\n')).rejects.toMatchObject(refused(/there is no key in it/));
    for (const format of ['RFC4716', 'PKCS8', 'PEM']) {
      await expect(read(exported(format))).rejects.toMatchObject({
        ...refused(/in a format that git does not take/),
        hint: expect.stringContaining('ssh-keygen -i'),
      });
    }
  });
});

it.each([
  ['', /it is empty/],
  ['\n\n', /it is empty/],
  ['# nothing\n', /it is empty/],
  ['hello\n', /not the line of an SSH public key/],
  ['hello world\n', /keys of type 'hello' are not supported/],
  ['ssh-dss AAAAB3NzaC1kc3M=\n', /DSA keys are too weak/],
  ['ssh-ed25519-cert-v01@openssh.com AAAA\n', /certificates are not supported/],
  ['-----BEGIN CERTIFICATE-----\n', /X\.509/],
  ['-----BEGIN SSH SIGNATURE-----\n', /a signature or a message, and no key/],
  ['-----BEGIN PGP MESSAGE-----\n', /a signature or a message, and no key/],
  ['PuTTY-User-Key-File-3: ssh-ed25519\n', /private key/],
  ['ssh-ed25519 AAAA\0\n', /binary/],
])('refuses %j', async (text, reason) => {
  await expect(read(text)).rejects.toMatchObject({ ...refused(reason), hint: expect.any(String) });
});

it('reads no more than a key can have', async () => {
  await expect(read('x'.repeat((1 << 20) + 1))).rejects.toMatchObject(refused(/too long/));
});
