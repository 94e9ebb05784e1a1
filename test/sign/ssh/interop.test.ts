import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allowedSignersLine } from '../../../src/core/ssh/allowed-signers.ts';
import { KeygenSigner } from '../../../src/sign/ssh/keygen-signer.ts';
import { signatureVerifier } from '../../../src/sign/verify-signatures.ts';
import { runTool } from '../../support/gnupg.ts';
import { tempDir, tempRepo } from '../../support/temp-repo.ts';
import { PAYLOAD, testSigner, verifierAt } from '../keys.ts';
import { bad, KEY_TYPES, keygenSign, makeKeyPair, softToken, verify } from './ssh-lab.ts';

const verifier = signatureVerifier({ nowSec: () => Date.now() / 1000 });
const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

/** Whether `ssh-keygen -Y verify` takes it. Throws if it does not. */
function keygenVerify(
  dir: string,
  { allowed, armor, payload = PAYLOAD }: { allowed: string; armor: string; payload?: string },
) {
  writeFileSync(join(dir, 'allowed'), allowed, 'latin1');
  writeFileSync(join(dir, 'signature'), armor, 'latin1');
  const args = ['-f', join(dir, 'allowed'), '-I', 'ada@example.org', '-n', 'git', '-s', join(dir, 'signature')];
  return runTool('ssh-keygen', ['-Y', 'verify', ...args], { input: payload });
}

describe.each(KEY_TYPES)('%s', (_, ...args) => {
  it('what git signs is read by us', async () => {
    const { dir, git } = tempRepo();
    const pair = makeKeyPair(dir, { args: [...args] });
    git('config', 'gpg.format', 'ssh');
    git('config', 'user.signingKey', `${pair.file}.pub`);
    git('hash-object', '-w', '-t', 'tree', '/dev/null');
    git('tag', '-s', '-m', 'subject', 'x', EMPTY_TREE);
    const tag = `${git('cat-file', 'tag', 'x')}\n`;
    const at = tag.indexOf('-----BEGIN');
    const [payload, armor] = [tag.slice(0, at), tag.slice(at)];
    expect(await verifier.verify(payload, armor, [pair.listed])).toEqual({
      status: 'good',
      key: pair.listed.key,
      signedAtSec: undefined,
    });
    expect(await verifier.verify(payload.replace('subject', 'Subject'), armor, [pair.listed])).toEqual(bad(/match/));
  });

  it('what we have signed is taken by git and by ssh-keygen', async () => {
    const { dir, git } = tempRepo();
    const { file, publicKey, listed } = makeKeyPair(dir, { args: [...args] });
    git('hash-object', '-w', '-t', 'tree', '/dev/null');
    const options = {
      program: 'ssh-keygen',
      env: process.env,
      timeoutMs: 60_000,
      keyFile: file,
    };
    const signer = new KeygenSigner({ ...options, publicKey });
    await signer.unlock();
    const armor = await signer.sign(PAYLOAD);
    expect(signer.key).toBe(listed.key);

    const allowed = allowedSignersLine('ada@example.org', listed);
    expect(keygenVerify(dir, { allowed, armor })).toContain('Good "git" signature for ada@example.org');
    writeFileSync(join(dir, 'tag'), `${PAYLOAD}${armor}`, 'latin1');
    git('update-ref', 'refs/tags/x', git('hash-object', '-w', '-t', 'tag', join(dir, 'tag')));
    git('config', 'gpg.ssh.allowedSignersFile', join(dir, 'allowed'));
    git('verify-tag', 'x');
    expect(git('fsck', '--strict')).toBe('');
  });

  it('signatures over SHA-256 of the content are good too, those of other kinds are by no known key', async () => {
    const dir = tempDir();
    const pair = makeKeyPair(dir, { args: [...args] });
    const other = makeKeyPair(dir, { name: 'other', args: [...args] });
    const armor = keygenSign(pair, { options: ['-O', 'hashalg=sha256'] });
    expect(await verify(armor, [other.listed, pair.listed])).toMatchObject({ status: 'good', key: pair.listed.key });
    expect(await verify(armor, [other.listed])).toEqual({ status: 'unknown-key', keyId: pair.listed.key });
  });
});

describe('authenticators', () => {
  it.each(['ed25519', 'ecdsa'] as const)('%s: what they sign is good here and for ssh-keygen', async (kind) => {
    for (const application of ['ssh:', 'ssh:git']) {
      const token = softToken(kind, application);
      const armor = token.sign();
      expect(await verify(armor, [token.listed])).toMatchObject({ status: 'good', key: token.listed.key });
      const allowed = allowedSignersLine('ada@example.org', token.listed);
      expect(keygenVerify(tempDir(), { allowed, armor })).toContain('Good "git" signature');
    }
  });

  it.each(['ed25519', 'ecdsa'] as const)('%s: nobody touched it, which ssh-keygen lets pass', async (kind) => {
    const token = softToken(kind);
    const armor = token.sign({ flags: 0 });
    expect(await verify(armor, [token.listed])).toEqual(bad(/nobody touched/));
    const allowed = allowedSignersLine('ada@example.org', token.listed);
    expect(keygenVerify(tempDir(), { allowed, armor })).toContain('Good "git" signature');
    expect(await verify(token.sign({ flags: 5 }), [token.listed])).toMatchObject({ status: 'good' });
  });

  it('refuses the keys that sign for other things than SSH', () => {
    expect(() => softToken('ed25519', 'https://example.org')).toThrow("the key is for 'https://example.org'");
  });
});

describe('both kinds at once', () => {
  it('each signature is checked by the keys of its own kind', async () => {
    const pair = makeKeyPair(tempDir());
    const { signer, publicKey } = await testSigner();
    const keys = [publicKey, pair.listed];
    const openpgp = await signer.sign(PAYLOAD);
    const ssh = keygenSign(pair);
    expect(await verifier.verify(PAYLOAD, openpgp, keys)).toMatchObject({ status: 'good', key: publicKey.key });
    expect(await verifier.verify(PAYLOAD, ssh, keys)).toMatchObject({ status: 'good', key: pair.listed.key });
    expect(await verifier.verify(PAYLOAD, ssh, [publicKey])).toMatchObject({ status: 'unknown-key' });
    expect(await verifier.verify(PAYLOAD, openpgp, [pair.listed])).toMatchObject({ status: 'unknown-key' });
    // A key under a name of the other kind is tried by nobody.
    const disguised = { key: publicKey.key, armored: pair.listed.armored };
    expect(await verifier.verify(PAYLOAD, ssh, [disguised])).toMatchObject({ status: 'unknown-key' });
    expect(await verifierAt(Date.now() / 1000).verify(PAYLOAD, ssh, keys)).toMatchObject({ status: 'bad' });
  });

  it.each([
    '',
    '-----BEGIN SIGNED MESSAGE-----\n',
    '-----BEGIN SSH SIGNATURE-----',
    ' -----BEGIN SSH SIGNATURE-----\n',
  ])('an armor of neither is bad: %j', async (armor) => {
    expect(await verifier.verify(PAYLOAD, armor, [])).toEqual(bad(/neither/));
  });
});

it('names for allowed signers that ssh-keygen would read otherwise are refused', () => {
  const { listed } = softToken('ed25519');
  for (const principal of ['', '*', 'a b', 'a,b', '!a', '"a', '#a', 'a\n', 'a?']) {
    expect(() => allowedSignersLine(principal, listed)).toThrow('allowed signers');
  }
});
