import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { KeygenSigner } from '../../../src/sign/ssh/keygen-signer.ts';
import { tempDir } from '../../support/temp-repo.ts';
import { PAYLOAD } from '../keys.ts';
import { type KeyPair, keygenSign, makeKeyPair } from './ssh-lab.ts';

function signer(pair: KeyPair, options: Partial<ConstructorParameters<typeof KeygenSigner>[0]> = {}): KeygenSigner {
  const usual = { program: 'ssh-keygen', env: process.env, timeoutMs: 20_000 };
  return new KeygenSigner({ ...usual, publicKey: pair.publicKey, keyFile: pair.file, ...options });
}

/** A stand-in for ssh-keygen, in sh; it notes its arguments. */
function program(script: string): { path: string; args: () => string[] } {
  const dir = tempDir();
  const path = join(dir, 'program');
  writeFileSync(path, `#!/bin/sh\nprintf '%s\\n' "$@" > ${dir}/args\nfor last; do :; done\n${script}\n`);
  chmodSync(path, 0o755);
  return { path, args: () => readFileSync(join(dir, 'args'), 'utf8').trimEnd().split('\n') };
}

describe('ssh-keygen', () => {
  it('cannot sign with a file that has a passphrase where nobody can be asked', async () => {
    const pair = makeKeyPair(tempDir(), { passphrase: 'secret' });
    await expect(signer(pair).sign(PAYLOAD)).rejects.toThrow('it needs a passphrase');
  });

  it('does not take a file that others can read', async () => {
    const pair = makeKeyPair(tempDir());
    chmodSync(pair.file, 0o644);
    await expect(signer(pair).sign(PAYLOAD)).rejects.toMatchObject({
      message: expect.stringContaining(`others can read '${pair.file}'`),
      hint: expect.stringContaining('chmod 600'),
    });
  });

  it('is missed by name', async () => {
    const pair = makeKeyPair(tempDir());
    await expect(signer(pair, { program: '/nowhere/ssh-keygen' }).sign(PAYLOAD)).rejects.toMatchObject({
      kind: 'config',
      message: "cannot run '/nowhere/ssh-keygen'",
      hint: expect.stringContaining('Install OpenSSH'),
    });
  });

  it('finds no private key', async () => {
    const pair = makeKeyPair(tempDir());
    await expect(signer(pair, { keyFile: undefined }).sign(PAYLOAD)).rejects.toThrow(
      "'ssh-keygen' finds no private key for it",
    );
    await expect(signer(pair, { keyFile: `${pair.file}-gone` }).sign(PAYLOAD)).rejects.toThrow('finds no private key');
  });
});

describe('a program in its place', () => {
  it('is called as git calls it, with the public key where that is all there is', async () => {
    const pair = makeKeyPair(tempDir());
    const shim = program(`cp "$6" ${pair.file}.seen; exec ssh-keygen -q -Y sign -n git -f ${pair.file} "$last"`);
    await signer(pair, { program: shim.path, keyFile: undefined }).sign(PAYLOAD);
    const [keyFile, payloadFile, ...rest] = shim.args().slice(5);
    expect([shim.args().slice(0, 5), rest]).toEqual([['-Y', 'sign', '-n', 'git', '-f'], []]);
    expect([keyFile, payloadFile]).toEqual([expect.stringMatching(/key\.pub$/), expect.stringMatching(/payload$/)]);
    expect(readFileSync(`${pair.file}.seen`, 'utf8')).toBe(pair.listed.armored);
  });

  it('must sign this content, by this key, in this form', async () => {
    const pair = makeKeyPair(tempDir());
    const other = makeKeyPair(tempDir());
    const answers: [string, RegExp][] = [
      [keygenSign(pair, { payload: 'x' }), /cannot be used: the signature does not match the content/],
      [keygenSign(other), /cannot be used: it is by another key/],
      [keygenSign(pair, { namespace: 'file' }), /cannot be used: the signature was made for 'file'/],
      [`${keygenSign(pair)}\n`, /cannot be used: there is no well-formed armor/],
      ['', /cannot be used/],
    ];
    for (const [armor, reason] of answers) {
      writeFileSync(`${pair.file}.answer`, armor);
      const shim = program(`cp ${pair.file}.answer "$last.sig"`);
      await expect(signer(pair, { program: shim.path }).sign(PAYLOAD)).rejects.toThrow(reason);
    }
  });

  it('fails with its own words, escaped', async () => {
    const pair = makeKeyPair(tempDir());
    const fail = (script: string) => signer(pair, { program: program(script).path, timeoutMs: 2000 }).sign(PAYLOAD);
    await expect(fail("printf 'the \\033[31mcard is gone\\n' >&2; exit 1")).rejects.toThrow(
      /: "the \\u\{1b\}\[31mcard is gone"$/,
    );
    await expect(fail('exit 3')).rejects.toThrow('ended with 3');
    await expect(fail('exit 0')).rejects.toThrow('ended with 0');
    await expect(fail('sleep 60')).rejects.toThrow('did not finish within 2 s');
  });

  it('leaves nothing behind', async () => {
    const pair = makeKeyPair(tempDir());
    const temporary = tempDir();
    const before = process.env['TMPDIR'];
    process.env['TMPDIR'] = temporary;
    try {
      await signer(pair).sign(PAYLOAD);
      await expect(signer(pair, { program: program('exit 1').path }).sign(PAYLOAD)).rejects.toThrow();
      expect(readdirSync(temporary).filter((name) => !name.startsWith('git-snapshot-test-'))).toEqual([]);
    } finally {
      if (before === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = before;
    }
  });
});
