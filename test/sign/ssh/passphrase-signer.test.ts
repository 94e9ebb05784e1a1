import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { PassphraseSigner } from '../../../src/sign/ssh/passphrase-signer.ts';
import { tempDir } from '../../support/temp-repo.ts';
import { PAYLOAD } from '../keys.ts';
import { type KeyPair, makeKeyPair, verify } from './ssh-lab.ts';

// The directories of agents that are still in use go with the test's.
beforeEach(() => {
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = tempDir();
  onTestFinished(() => {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  });
});

/** Somebody who is asked for a passphrase: notes it, and gives the answers one after another, the last for ever. */
function person(...answers: string[]): { env: NodeJS.ProcessEnv; timesAsked: () => number } {
  const dir = tempDir();
  const script = join(dir, 'askpass');
  writeFileSync(join(dir, 'answers'), `${answers.join('\n')}\n`);
  const take = `n=$(wc -l < ${dir}/asked); line=$(sed -n "$((n))p" ${dir}/answers); echo "\${line:-${answers.at(-1)}}"`;
  writeFileSync(script, `#!/bin/sh\necho >> ${dir}/asked\n${take}\n`);
  chmodSync(script, 0o755);
  const env = { ...process.env, SSH_ASKPASS: script, SSH_ASKPASS_REQUIRE: 'force', DISPLAY: ':0' };
  const asked = join(dir, 'asked');
  return { env, timesAsked: () => (existsSync(asked) ? readFileSync(asked, 'utf8').length : 0) };
}

function signer({ publicKey, file }: KeyPair, env = process.env): PassphraseSigner {
  return new PassphraseSigner({ publicKey, keyFile: file, env, timeoutMs: 20_000 });
}

it('asks once, and signs as often as it must', async () => {
  const pair = makeKeyPair(tempDir(), { passphrase: 'secret' });
  const { env, timesAsked } = person('secret');
  const locked = signer(pair, env);
  expect(timesAsked()).toBe(0);
  await Promise.all([locked.unlock(), locked.unlock()]);
  for (const armor of [await locked.sign(PAYLOAD), await locked.sign(PAYLOAD)]) {
    expect(await verify(armor, [pair.listed])).toMatchObject({ status: 'good', key: locked.key });
  }
  expect(timesAsked()).toBe(1);
});

it('lets mistype', async () => {
  const pair = makeKeyPair(tempDir(), { passphrase: 'secret' });
  const { env, timesAsked } = person('wrong', 'secret');
  await signer(pair, env).unlock();
  expect(timesAsked()).toBe(2);
});

it('says what to do where nobody can be asked, and where others can read the file', async () => {
  const pair = makeKeyPair(tempDir(), { passphrase: 'secret' });
  await expect(signer(pair).unlock()).rejects.toMatchObject({
    kind: 'config',
    message: `the private key '${pair.file}' has a passphrase, and no terminal to ask for it`,
    hint: `Give it to your agent: run "ssh-add '${pair.file}'" in a terminal.`,
  });
  chmodSync(pair.file, 0o644);
  await expect(signer(pair).unlock()).rejects.toThrow('others can read the private key');
});

it('is missed by name where OpenSSH is not installed', async () => {
  const pair = makeKeyPair(tempDir(), { passphrase: 'secret' });
  await expect(signer(pair, { ...process.env, PATH: '/nowhere' }).unlock()).rejects.toThrow("cannot run 'ssh-agent'");
});

it('leaves neither an agent nor a socket behind where the key cannot be opened', async () => {
  const pair = makeKeyPair(tempDir(), { passphrase: 'secret' });
  const temporary = process.env['TMPDIR'] ?? '';
  await expect(signer(pair).unlock()).rejects.toThrow('no terminal');
  expect(readdirSync(temporary).filter((name) => !name.startsWith('git-snapshot-test-'))).toEqual([]);
  await vi.waitFor(() => expect(commandLines().filter((line) => line.includes(temporary))).toEqual([]), 20_000);
});

/** Of every process. */
function commandLines(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/cmdline`, 'latin1')];
      } catch {
        return []; // It has ended meanwhile.
      }
    });
}
