import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openRepository } from '../../../src/git/open-repository.ts';
import { readGitSigning } from '../../../src/git/repository-config.ts';
import {
  findSigner,
  type GitSigning,
  obtainKey,
  type SigningKeys,
  type WantedKey,
} from '../../../src/sign/signing-keys.ts';
import { splitWords } from '../../../src/sign/ssh/git-ssh-key.ts';
import { sshFingerprint } from '../../../src/sign/ssh/ssh-public-key.ts';
import { tempDir, tempRepo } from '../../support/temp-repo.ts';
import { PAYLOAD, testSigner } from '../keys.ts';
import { type KeyPair, makeKeyPair, softToken, startAgent, verify } from './ssh-lab.ts';

/** Somebody's machine: a home, no agent, and git's settings. */
function place(git: Partial<GitSigning> = {}, env: NodeJS.ProcessEnv = {}) {
  const home = tempDir('ssh-');
  mkdirSync(join(home, '.ssh'));
  const keys: SigningKeys = {
    configDir: join(home, 'config'),
    env: { ...process.env, HOME: home, GNUPGHOME: join(home, 'gnupg'), ...env },
    cwd: home,
    nowSec: () => Date.now() / 1000,
    askPassphrase: () => Promise.reject(new Error('asked for a passphrase')),
    gitSigning: async () => ({
      format: 'ssh',
      key: undefined,
      program: 'no-gpg-here',
      sshProgram: 'ssh-keygen',
      sshDefaultKeyCommand: undefined,
      ...git,
    }),
  };
  return { home, keys };
}

async function obtain(keys: SigningKeys, wanted?: WantedKey) {
  return obtainKey(keys, { wanted, identity: { name: 'Ada', email: 'ada@example.org' }, passphrase: false });
}

const named = (fingerprint: string): WantedKey => ({ kind: 'fingerprint', fingerprint });

async function demandSigns(signer: { sign(payload: string): Promise<string> }, { listed }: Pick<KeyPair, 'listed'>) {
  expect(await verify(await signer.sign(PAYLOAD), [listed])).toMatchObject({ status: 'good', key: listed.key });
}

describe('finding the signer for a policy', () => {
  it('finds a key in the agent', async () => {
    const { home, keys } = place({ format: 'openpgp' });
    const agent = await startAgent(join(home, 'agent'));
    const pair = makeKeyPair(home);
    agent.add(pair.file);
    rmSync(pair.file);
    const withAgent = { ...keys, env: { ...keys.env, SSH_AUTH_SOCK: join(home, 'agent') } };
    const { publicKey } = await testSigner();
    await demandSigns(await findSigner(withAgent, [publicKey, pair.listed]), pair);
    await expect(findSigner(keys, [publicKey, pair.listed])).rejects.toMatchObject({
      kind: 'untrusted',
      message: 'you have the private key of nobody in the policy',
    });
  });

  it('finds a key in ~/.ssh, whatever else is there', async () => {
    const { home, keys } = place();
    makeKeyPair(join(home, '.ssh'), { name: 'id_other' });
    const pair = makeKeyPair(join(home, '.ssh'), { name: 'id_ecdsa', args: ['-t', 'ecdsa'] });
    writeFileSync(join(home, '.ssh/id_broken.pub'), 'nonsense\n');
    writeFileSync(join(home, '.ssh/id_dsa.pub'), 'ssh-dss AAAA\n');
    await demandSigns(await findSigner(keys, [pair.listed]), pair);
  });

  it('finds the key that git signs with', async () => {
    const { home, keys } = place({ key: '~/keys/work' });
    mkdirSync(join(home, 'keys'));
    const pair = makeKeyPair(join(home, 'keys'), { name: 'work' });
    await demandSigns(await findSigner(keys, [pair.listed]), pair);
    // git may sign with another kind of keys than this repository.
    const openpgp = { ...keys, gitSigning: async () => ({ ...(await keys.gitSigning()), format: 'openpgp' }) };
    await expect(findSigner(openpgp, [pair.listed])).rejects.toThrow('nobody in the policy');
  });

  it('says so where only the public half is there, and why there is no agent', async () => {
    const { home, keys } = place({}, { SSH_AUTH_SOCK: '/nowhere/agent' });
    const pair = makeKeyPair(join(home, '.ssh'), { name: 'id_ed25519' });
    rmSync(pair.file);
    await expect(findSigner(keys, [pair.listed])).rejects.toMatchObject({
      kind: 'not-found',
      message: `the private key of '${sshFingerprint(pair.listed.key)}' is not to be found`,
      hint: expect.stringContaining("cannot reach the ssh-agent at '/nowhere/agent': no such file or directory"),
    });
  });

  it('does without an agent that is gone, and without a key of git’s that is', async () => {
    const { home, keys } = place({ key: '/nowhere/key' }, { SSH_AUTH_SOCK: '/nowhere/agent' });
    const pair = makeKeyPair(join(home, '.ssh'), { name: 'id_ed25519' });
    await demandSigns(await findSigner(keys, [pair.listed]), pair);
    await expect(findSigner(keys, [softToken('ed25519').listed])).rejects.toThrow(
      "there is no key file '/nowhere/key'",
    );
  });

  it('asks neither gpg nor an agent where the policy has no keys of theirs', async () => {
    const { home, keys } = place({ program: '/nowhere/gpg', format: 'openpgp' });
    const pair = makeKeyPair(join(home, '.ssh'), { name: 'id_ed25519' });
    await demandSigns(await findSigner(keys, [pair.listed]), pair);
  });
});

describe('obtaining a key for a new repository', () => {
  it.each<[string, (pair: KeyPair) => string]>([
    ['the path of the public key', ({ file }) => `${file}.pub`],
    ['the path of the private key', ({ file }) => file],
    ['a relative path', () => 'keys/work.pub'],
    ['a path in the home directory', () => '~/keys/work.pub'],
  ])('takes git’s setting: %s', async (_, setting) => {
    const { home, keys } = place();
    mkdirSync(join(home, 'keys'));
    const pair = makeKeyPair(join(home, 'keys'), { name: 'work' });
    const set = { ...keys, gitSigning: async () => ({ ...(await keys.gitSigning()), key: setting(pair) }) };
    for (const wanted of [undefined, { kind: 'ssh' } as const, named(setting(pair))]) {
      const { signer, publicKey, source } = await obtain(wanted?.kind === 'fingerprint' ? keys : set, wanted);
      expect([publicKey, source]).toEqual([pair.listed, { kind: 'found', file: pair.file }]);
      await demandSigns(signer, pair);
    }
  });

  it.each([
    ['as git has it', (line: string) => line.trimEnd()],
    ['after key::', (line: string) => `key::${line.trimEnd()}`],
  ])('takes the key itself, %s, if the agent has it', async (_, setting) => {
    const { home, keys } = place();
    const agent = await startAgent(join(home, 'agent'));
    const pair = makeKeyPair(home, { name: 'elsewhere' });
    const git = { ...(await keys.gitSigning()), key: setting(pair.line) };
    const set = { ...keys, env: { ...keys.env, SSH_AUTH_SOCK: join(home, 'agent') }, gitSigning: async () => git };
    await expect(obtain(set)).rejects.toThrow('is not to be found');
    agent.add(pair.file);
    const { signer, source } = await obtain(set);
    expect(source).toEqual({ kind: 'found', file: undefined });
    await demandSigns(signer, pair);
  });

  it('runs the key command of git’s configuration, without a shell', async () => {
    const { home, keys } = place();
    const pair = makeKeyPair(join(home, '.ssh'), { name: 'id_ed25519' });
    const git = { ...(await keys.gitSigning()), sshDefaultKeyCommand: `cat '${pair.file}.pub'` };
    const { publicKey } = await obtain({ ...keys, gitSigning: async () => git });
    expect(publicKey).toEqual(pair.listed);
    for (const [command, reason] of [
      ['echo hello; cat x', /names no key: 'echo' ended with 0/],
      ['false', /names no key: 'false' ended with 1/],
      ['/nowhere/command', /cannot run '\/nowhere\/command'/],
    ] as const) {
      const set = { ...keys, gitSigning: async () => ({ ...git, sshDefaultKeyCommand: command }) };
      await expect(obtain(set)).rejects.toThrow(reason);
    }
  });

  it('takes the only key there is, and asks which of several', async () => {
    const { home, keys } = place();
    await expect(obtain(keys, { kind: 'ssh' })).rejects.toMatchObject({
      kind: 'not-found',
      message: 'you have no SSH key',
    });
    const pair = makeKeyPair(join(home, '.ssh'), { name: 'id_ed25519' });
    expect((await obtain(keys, { kind: 'ssh' })).publicKey).toEqual(pair.listed);
    const other = makeKeyPair(join(home, '.ssh'), {
      name: 'id_ecdsa',
      args: ['-t', 'ecdsa'],
      comment: 'other \x1b[31m',
    });
    await expect(obtain(keys, { kind: 'ssh' })).rejects.toMatchObject({
      kind: 'usage',
      hint: expect.stringMatching(/^Choose one with --key: SHA256:\S+ \([\x20-\x7e]*\), SHA256:\S+ \(ada@laptop\)\.$/),
    });
    for (const { listed } of [pair, other]) {
      expect((await obtain(keys, named(sshFingerprint(listed.key)))).publicKey).toEqual(listed);
      expect((await obtain(keys, named(listed.key))).publicKey).toEqual(listed);
    }
    await expect(obtain(keys, named(`ssh:${'0'.repeat(64)}`))).rejects.toMatchObject({ kind: 'not-found' });
  });

  it('makes a key of its own where git signs with SSH and has no key', async () => {
    const { home, keys } = place();
    makeKeyPair(join(home, '.ssh'), { name: 'id_ed25519' });
    const { publicKey, source } = await obtain(keys);
    expect([publicKey.key, source.kind]).toEqual([expect.stringMatching(/^openpgp:/), 'made']);
  });

  it('takes no file that holds something else', async () => {
    const { home, keys } = place();
    const pair = makeKeyPair(home);
    const dsa = join(home, 'dsa.pub');
    writeFileSync(dsa, 'ssh-dss AAAAB3NzaC1kc3M=\n');
    writeFileSync(join(home, 'two.pub'), pair.line + pair.line);
    await expect(obtain(keys, named(dsa))).rejects.toThrow(`cannot use the key in '${dsa}': DSA keys are too weak`);
    await expect(obtain(keys, named('two.pub'))).rejects.toThrow('not the line of an SSH public key');
    await expect(obtain(keys, named('/dev/zero'))).rejects.toThrow("'/dev/zero' is not a key file");
    await expect(obtain(keys, named(home))).rejects.toThrow('is not a key file');
    await expect(obtain(keys, named('none.pub'))).rejects.toThrow("there is no key file 'none.pub'");
  });

  it('reads private keys of older formats by the public key beside them', async () => {
    const { home, keys } = place();
    const pair = makeKeyPair(home, { args: ['-t', 'rsa', '-b', '2048', '-m', 'PEM'] });
    const { signer, publicKey } = await obtain(keys, named(pair.file));
    expect(publicKey).toEqual(pair.listed);
    await demandSigns(signer, pair);
    renameSync(`${pair.file}.pub`, join(home, 'moved.pub'));
    await expect(obtain(keys, named(pair.file))).rejects.toThrow('it is in an old format, and there is no');
  });

  it('finds out before there is work to lose that a key has a passphrase', async () => {
    const { home, keys } = place();
    for (const format of ['RFC4716', 'PEM']) {
      const args = ['-t', 'rsa', '-b', '2048', '-m', format];
      const pair = makeKeyPair(home, { name: format, args, passphrase: 'secret' });
      const { signer, publicKey } = await obtain(keys, named(pair.file));
      expect(publicKey).toEqual(pair.listed);
      await expect(signer.unlock()).rejects.toThrow('has a passphrase, and no terminal to ask for it');
    }
  });
});

it('splits commands as git does', () => {
  expect(splitWords(`ssh-add -L`)).toEqual(['ssh-add', '-L']);
  expect(splitWords(` a  'b c' "d \\" e" f\\ g h'i'"j" '' `)).toEqual(['a', 'b c', 'd " e', 'f g', 'hij', '']);
  expect(splitWords('')).toEqual([]);
});

describe('git’s configuration', () => {
  it('gives key and format from anywhere, and programs from the user’s own files alone', async () => {
    const { dir, git } = tempRepo();
    const read = async () => readGitSigning(await openRepository({ cwd: dir, env: process.env }));
    const programs = { program: 'gpg', sshProgram: 'ssh-keygen', sshDefaultKeyCommand: undefined };
    expect(await read()).toEqual({ format: 'openpgp', key: undefined, ...programs });
    git('config', 'gpg.format', 'ssh');
    git('config', 'user.signingKey', '~/.ssh/id.pub');
    git('config', 'gpg.ssh.program', './evil');
    git('config', 'gpg.ssh.defaultKeyCommand', './evil');
    expect(await read()).toEqual({ format: 'ssh', key: '~/.ssh/id.pub', ...programs });
    copyFileSync(join(dir, '.git/config'), join(dir, '.git/included'));
    git('config', 'include.path', 'included');
    expect(await read()).toMatchObject(programs);
    execFileSync('git', ['config', '--global', 'gpg.ssh.program', 'op-ssh-sign']);
    execFileSync('git', ['config', '--global', 'gpg.ssh.defaultKeyCommand', 'ssh-add -L']);
    expect(await read()).toMatchObject({ sshProgram: 'op-ssh-sign', sshDefaultKeyCommand: 'ssh-add -L' });
    execFileSync('git', ['config', '--global', '--remove-section', 'gpg.ssh']);
  });
});
