import { appendFileSync, chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resolveGpgKey } from '../../src/sign/gpg/gpg-key.ts';
import { GpgSigner } from '../../src/sign/gpg/gpg-signer.ts';
import { type TempGnupg, tempGnupg } from '../support/gnupg.ts';
import { tempDir } from '../support/temp-repo.ts';
import { keyId, PAYLOAD, verifierAt } from './keys.ts';

const nowSec = () => Math.floor(Date.now() / 1000);

function signerOf(
  { env }: TempGnupg,
  fingerprint: string,
  options: { program?: string; timeoutMs?: number } = {},
): GpgSigner {
  return new GpgSigner({ program: 'gpg', env, timeoutMs: 30_000, ...options, key: keyId(fingerprint) });
}

function resolve({ env }: TempGnupg, selector: string) {
  return resolveGpgKey({ program: 'gpg', env, timeoutMs: 30_000, selector, nowSec: nowSec() });
}

/** An executable shell script in place of a program. */
function script(body: string): string {
  const path = join(tempDir(), 'program');
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
}

/** A pinentry that gives `answer` when it is asked for a passphrase. */
function usePinentry(gnupg: TempGnupg, answer: string): void {
  const pinentry = script(
    `echo OK\nwhile read command rest; do case $command in GETPIN) ${answer} ;; BYE) echo OK; exit ;; *) echo OK ;; esac; done`,
  );
  appendFileSync(join(gnupg.home, 'gpg-agent.conf'), `pinentry-program ${pinentry}\n`);
}

function makeProtectedKey({ gpg }: TempGnupg): string {
  gpg([
    '--pinentry-mode',
    'loopback',
    '--passphrase',
    'secret',
    '--quick-generate-key',
    'Ada <ada@example.org>',
    'ed25519',
    'sign',
  ]);
  return /^fpr:{9}([0-9A-F]{40}):/m.exec(gpg(['--with-colons', '--list-keys']))?.[1] ?? '';
}

describe('signing by gpg', () => {
  it('gives a signature that we accept, whatever gpg.conf says', async () => {
    const gnupg = tempGnupg();
    const fingerprint = gnupg.makeKey('Ada <ada@example.org>', 'ed25519');
    const other = gnupg.makeKey('Eve <eve@example.org>', 'ed25519');
    const options = [
      'digest-algo SHA1',
      'textmode',
      `local-user ${other}`,
      'default-sig-expire 1d',
      'comment hello',
      'emit-version',
    ];
    writeFileSync(join(gnupg.home, 'gpg.conf'), `${options.join('\n')}\n`);

    const key = await resolve(gnupg, fingerprint);
    const signer = signerOf(gnupg, fingerprint);
    await signer.unlock();
    const payload = `${PAYLOAD}\xff\0\r\n`;
    const armor = await signer.sign(payload);
    expect(await verifierAt(nowSec()).verify(payload, armor, [key])).toMatchObject({ status: 'good', key: signer.key });
    // The same configuration does spoil what gpg signs without us.
    const spoilt = gnupg.gpg(['--armor', '--detach-sign'], payload);
    expect(await verifierAt(nowSec()).verify(payload, spoilt, [key])).toMatchObject({ status: 'bad' });
  });

  it('uses a signing subkey', async () => {
    const gnupg = tempGnupg();
    const fingerprint = gnupg.makeKey('Ada <ada@example.org>', 'ed25519', { usage: 'cert' });
    gnupg.gpg(['--passphrase', '', '--quick-add-key', fingerprint, 'ed25519', 'sign']);
    const key = await resolve(gnupg, 'ada@example.org');
    const armor = await signerOf(gnupg, fingerprint).sign(PAYLOAD);
    expect(await verifierAt(nowSec()).verify(PAYLOAD, armor, [key])).toMatchObject({ status: 'good', key: key.key });
  });

  it('refuses two signatures, and one by another key', async () => {
    const gnupg = tempGnupg();
    const [mine, other] = [
      gnupg.makeKey('Ada <ada@example.org>', 'ed25519'),
      gnupg.makeKey('Eve <eve@x.org>', 'ed25519'),
    ];
    const two = script(`exec gpg --local-user ${other} "$@"`);
    await expect(signerOf(gnupg, mine, { program: two }).sign(PAYLOAD)).rejects.toThrow(/more than one/);
    const swapped = script(`exec gpg $(echo "$@" | sed s/${mine}/${other}/)`);
    await expect(signerOf(gnupg, mine, { program: swapped }).sign(PAYLOAD)).rejects.toThrow(/another key/);
    const text = script('exec gpg --textmode "$@"');
    await expect(signerOf(gnupg, mine, { program: text }).sign(PAYLOAD)).rejects.toThrow(/binary data/);
    const expiring = script('exec gpg --default-sig-expire 1d "$@"');
    await expect(signerOf(gnupg, mine, { program: expiring }).sign(PAYLOAD)).rejects.toThrow(/expires/);
    const weak = script('exec gpg --digest-algo SHA1 "$@"');
    await expect(signerOf(gnupg, mine, { program: weak }).sign(PAYLOAD)).rejects.toThrow(/SHA-1/);
  });

  it('refuses a signature that is not the one of which gpg tells', async () => {
    const gnupg = tempGnupg();
    const fingerprint = gnupg.makeKey('Ada <ada@example.org>', 'ed25519');
    const telling = (words: string) => script(`gpg "$@" 3>/dev/null && echo "[GNUPG:] SIG_CREATED ${words}" >&3`);
    const sign = (words: string) => signerOf(gnupg, fingerprint, { program: telling(words) }).sign(PAYLOAD);
    expect(await sign(`D 22 8 00 1 ${fingerprint}`)).toMatch(/^-----BEGIN/);
    await expect(sign(`D 22 8 00 1 ${'B'.repeat(40)}`)).rejects.toThrow(/another key than/);
    await expect(sign(`C 22 8 00 1 ${fingerprint}`)).rejects.toThrow(/not a detached one/);
    await expect(sign(`D 22 8 01 1 ${fingerprint}`)).rejects.toThrow(/not a detached one/);
  });

  it('asks for the passphrase through the agent', async () => {
    const gnupg = tempGnupg();
    usePinentry(gnupg, 'echo D secret; echo OK');
    const fingerprint = makeProtectedKey(gnupg);
    const key = await resolve(gnupg, fingerprint);
    const armor = await signerOf(gnupg, fingerprint).sign(PAYLOAD);
    expect(await verifierAt(nowSec()).verify(PAYLOAD, armor, [key])).toMatchObject({ status: 'good' });
  });

  it.each([
    ['is cancelled', 'echo "ERR 83886179 Operation cancelled <Pinentry>"', 'interrupted', /cancelled/],
    ['is wrong', 'echo D wrong; echo OK', 'config', /wrong passphrase/],
    ['finds no terminal', 'echo "ERR 83918950 Inappropriate ioctl for device <Pinentry>"', 'config', /nothing can ask/],
  ])('says so when the prompt %s', async (_, answer, kind, message) => {
    const gnupg = tempGnupg();
    usePinentry(gnupg, answer);
    const fingerprint = makeProtectedKey(gnupg);
    await resolve(gnupg, fingerprint);
    gnupg.killAgent();
    const error = await signerOf(gnupg, fingerprint)
      .unlock()
      .catch((e: unknown) => e);
    expect(error).toMatchObject({ kind, message: expect.stringMatching(message), hint: expect.any(String) });
  });

  it('says so when there is no pinentry', async () => {
    const gnupg = tempGnupg();
    appendFileSync(join(gnupg.home, 'gpg-agent.conf'), 'pinentry-program /nonexistent/pinentry\n');
    const fingerprint = makeProtectedKey(gnupg);
    gnupg.killAgent();
    await expect(signerOf(gnupg, fingerprint).unlock()).rejects.toThrow(/nothing can ask for the passphrase/);
  });

  it('says so when there is no such key, no gpg, or no end', async () => {
    const gnupg = tempGnupg();
    const fingerprint = 'A'.repeat(40);
    await expect(signerOf(gnupg, fingerprint).sign(PAYLOAD)).rejects.toThrow(/no usable private key/);
    const missing = signerOf(gnupg, fingerprint, { program: '/nonexistent/gpg' }).sign(PAYLOAD);
    await expect(missing).rejects.toMatchObject({ kind: 'config', message: "cannot run '/nonexistent/gpg'" });
    const hung = signerOf(gnupg, fingerprint, { program: script('sleep 2; true'), timeoutMs: 100 }).sign(PAYLOAD);
    await expect(hung).rejects.toThrow(/did not finish/);
    const broken = signerOf(gnupg, fingerprint, { program: script('echo "bad\\033[31m" >&2; exit 3') }).sign(PAYLOAD);
    await expect(broken).rejects.toThrow(String.raw`"bad\u{1b}[31m"`);
  });

  it('is not impressed by status lines on another descriptor', async () => {
    const gnupg = tempGnupg();
    const fingerprint = gnupg.makeKey('Ada <ada@example.org>', 'ed25519');
    const lies = `[GNUPG:] SIG_CREATED D 22 10 00 1 ${fingerprint}`;
    const liar = script(`echo '${lies}'; echo '${lies}' >&2`);
    await expect(signerOf(gnupg, fingerprint, { program: liar }).sign(PAYLOAD)).rejects.toMatchObject({
      kind: 'config',
    });
  });
});

describe('choosing a gpg key', () => {
  it('takes a fingerprint, a key id, an address or a name, if only one key has it', async () => {
    const gnupg = tempGnupg();
    const ada = gnupg.makeKey('Ad\xc3\xa4 <ada@example.org>', 'ed25519');
    gnupg.makeKey('Joada <joada@example.org>', 'ed25519');
    for (const selector of [ada, ada.slice(-16), 'ada@example.org', '<ada@example.org>']) {
      expect(await resolve(gnupg, selector)).toMatchObject({ key: `openpgp:${ada}` });
    }
    expect((await resolve(gnupg, ada)).armored).toMatch(/^-----BEGIN PGP PUBLIC KEY BLOCK-----\n/);
    await expect(resolve(gnupg, 'example.org')).rejects.toMatchObject({
      kind: 'usage',
      hint: expect.stringContaining(ada),
    });
    await expect(resolve(gnupg, 'nobody@example.org')).rejects.toMatchObject({ kind: 'not-found' });
    await expect(resolve(gnupg, '--export-secret-keys')).rejects.toMatchObject({ kind: 'not-found' });
    await expect(resolve(gnupg, ' ')).rejects.toMatchObject({ kind: 'usage' });
  });

  it.each(['brainpoolP256r1', 'secp256k1', 'rsa1024'])(
    'refuses a key of a kind that we do not verify: %s',
    async (algorithm) => {
      const gnupg = tempGnupg();
      gnupg.makeKey('Ada <ada@example.org>', algorithm);
      await expect(resolve(gnupg, 'ada@example.org')).rejects.toMatchObject({
        kind: 'config',
        message: expect.stringMatching(/cannot be used: /),
      });
    },
  );

  it('refuses a key that has expired, was revoked, or may not sign', async () => {
    const gnupg = tempGnupg();
    gnupg.makeKey('Old <old@example.org>', 'ed25519', { at: '20200101T000000', expires: '2021-01-01' });
    await expect(resolve(gnupg, 'old@example.org')).rejects.toMatchObject({ kind: 'config' });
    gnupg.makeKey('Certifier <c@example.org>', 'ed25519', { usage: 'cert' });
    await expect(resolve(gnupg, 'c@example.org')).rejects.toMatchObject({ kind: 'config' });
  });

  it('verifies what a renewed key signed before, though gpg exports only the newest self-signature', async () => {
    const gnupg = tempGnupg();
    const fingerprint = gnupg.makeKey('Ada <ada@example.org>', 'ed25519', {
      at: '20250101T000000',
      expires: '2025-06-01',
    });
    const before = gnupg.gpg(['--faked-system-time=20250201T000000', '--armor', '--detach-sign'], PAYLOAD);
    gnupg.gpg(['--passphrase', '', '--quick-set-expire', fingerprint, '20y']);
    const key = await resolve(gnupg, fingerprint);
    expect(await verifierAt(nowSec()).verify(PAYLOAD, before, [key])).toMatchObject({ status: 'good' });
  });
});
