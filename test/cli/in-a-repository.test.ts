import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { around, type GovernedRepo, governedRepo } from '../support/governed-repo.ts';
import { programs } from '../support/programs.ts';
import { tempDir, tempRepo } from '../support/temp-repo.ts';

/** Runs a program at a terminal, where each question gets the next answer. */
async function atTerminal(
  { dir }: GovernedRepo,
  [program, ...words]: readonly string[],
  { answers = [], env = {} }: { answers?: readonly string[]; env?: NodeJS.ProcessEnv } = {},
) {
  let shown = '';
  const left = [...answers];
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  const write = (chunk: string | Uint8Array) => {
    const text = Buffer.from(chunk).toString();
    shown += text;
    if (text.endsWith(': ')) setImmediate(() => stdin.write(`${left.shift() ?? '\u0003'}\n`));
  };
  const terminal = { isTTY: true, columns: 200, write };
  const io = { cwd: dir, env: { ...process.env, ...env }, stdin, stdout: terminal, stderr: terminal, now: Date.now };
  const name = program === 'rollback' ? 'git-rollback' : 'git-snapshot';
  const code = await (await programs()).main(name, [...words, '--no-color'], io);
  return { code, shown };
}

describe('manifest', () => {
  test('prints the bytes that are signed, and nothing a terminal obeys', async () => {
    const repo = await governedRepo();
    writeFileSync(join(repo.root, 'large'), 'x'.repeat(12_345));
    writeFileSync(join(repo.root, 'back\\slash and\nfeed \u001b[31m'), 'y');
    writeFileSync(Buffer.from(`${repo.root}/caf\xe9`, 'latin1'), '');
    mkdirSync(join(repo.root, 'empty'));
    const { manifest } = await repo.take();
    const { stdoutBytes } = await repo.expect(0, ['snapshot', 'manifest']);
    expect(`sha256:${createHash('sha256').update(stdoutBytes, 'latin1').digest('hex')}`).toBe(manifest);

    for (const format of ['text', 'sha256sum']) {
      const { shown } = await atTerminal(repo, ['snapshot', 'manifest', '--format', format]);
      expect(shown).toContain('back\\\\slash and\\nfeed \\u{1b}[31m\n');
      expect(shown).not.toContain('\u001b');
      expect(shown).not.toContain('\ufffd');
    }
  });
});

test('verify escapes the names of odd refs, and counts in good English', async () => {
  const repo = await governedRepo();
  writeFileSync(join(repo.root, 'a'), '1');
  const { tag } = await repo.take();
  repo.git('update-ref', 'refs/snapshots/artifacts/\u202eevil', tag);
  const { stdout } = await repo.expect(1, ['snapshot', 'verify', '--all', '--verbose']);
  expect(stdout).toContain('"refs/snapshots/artifacts/\\u{202e}evil": BAD');
  expect(stdout).not.toContain('\u202e');
  expect(stdout).toContain(' 1 tree, ');
  expect(stdout).toContain(' 1 file, 1 byte read');
});

test('a trust root that is no digest is told as what it is', async () => {
  const repo = await governedRepo();
  for (const wrong of ['sha256:abc', `${'a'.repeat(64)}`, `sha256:${'A'.repeat(64)}`]) {
    const { stderr } = await repo.expect(2, ['snapshot', 'status'], { env: { GIT_SNAPSHOT_TRUST_ROOT: wrong } });
    expect(stderr).toContain(`error: GIT_SNAPSHOT_TRUST_ROOT is not the digest of a policy: '${wrong}'\n`);
  }
});

test('the first snapshot of a directory that is not there does not name a way back', async () => {
  const repo = await governedRepo();
  rmSync(repo.root, { recursive: true, force: true });
  expect((await repo.expect(4, ['snapshot'])).stderr).toMatch(/hint: Make artifacts\/ and put something into it\.\n$/);
  mkdirSync(repo.root);
  writeFileSync(join(repo.root, 'a'), 'a');
  await repo.take();
  rmSync(repo.root, { recursive: true });
  expect((await repo.expect(4, ['snapshot'])).stderr).toContain('; to get back what was there, run "git rollback".');
});

test('a clone that has not fetched the policy is told to fetch it', async () => {
  const { stderr } = await around(tempRepo()).expect(3, ['snapshot', 'status']);
  expect(stderr).toContain('hint: If it was set up elsewhere, run "git snapshot fetch"');
});

test('a passphrase is asked for once a command, and again only where it was wrong', async () => {
  const env = { XDG_CONFIG_HOME: tempDir() };
  const repo = around(tempRepo(), env);
  mkdirSync(repo.root);
  await repo.expect(0, ['snapshot', 'init', '--yes'], { env: { GIT_SNAPSHOT_PASSPHRASE: 'secret' } });
  writeFileSync(join(repo.root, 'a'), '1');
  const taken = await atTerminal(repo, ['snapshot', 'create'], { env, answers: ['wrong', 'secret'] });
  expect(taken.code).toBe(0);
  expect(taken.shown).toMatch(
    /^Passphrase for key openpgp:[0-9A-F]{40}: \nWrong passphrase, try again \(2 of 3\): \n\[/,
  );

  writeFileSync(join(repo.root, 'a'), '2');
  const back = await atTerminal(repo, ['rollback', '--yes'], { env, answers: ['secret'] });
  expect(back).toMatchObject({ code: 0, shown: expect.stringContaining('is kept as ') });
  expect(back.shown.match(/assphrase/g)).toHaveLength(1);
});

test('a rollback that nobody can confirm says first what else is wrong', async () => {
  const repo = await governedRepo();
  writeFileSync(join(repo.root, 'a'), '1');
  const { id } = await repo.take();
  expect((await repo.expect(4, ['snapshot', 'restore', '2099'])).stderr).not.toContain('--yes');
  writeFileSync(join(repo.root, 'a'), '2');
  expect((await repo.expect(2, ['snapshot', 'restore', id])).stderr).toContain('hint: Pass --yes');
});

test('--key gpg takes key and format from any configuration of git', async () => {
  const repo = await governedRepo();
  repo.git('update-ref', '-d', 'refs/snapshot-policy/current');
  repo.git('config', 'gpg.format', 'ssh');
  const { stderr } = await repo.expect(3, ['snapshot', 'init', '--yes', '--key', 'gpg']);
  expect(stderr).toContain("git signs with 'ssh' here");
  repo.git('config', 'gpg.format', 'openpgp');
  repo.git('config', 'user.signingKey', 'nobody@example.org');
  const named = await repo.run(['snapshot', 'init', '--yes', '--key', 'gpg']);
  expect(named.stderr).toContain("gpg has no private key for 'nobody@example.org'");
});

test('a full disk behind standard output, and a reader that goes, are no bugs', async () => {
  const repo = await governedRepo();
  writeFileSync(join(repo.root, 'a'), 'a');
  await repo.take('-m', 'first');
  const script = (await programs()).script('git-snapshot');
  const shell = (line: string) =>
    spawnSync('bash', ['-c', `set -o pipefail; ${line}`], { cwd: repo.dir, encoding: 'utf8' });
  const list = `"${process.execPath}" "${script}" list`;
  expect(shell(`${list} > /dev/full`)).toMatchObject({
    status: 8,
    stderr: 'error: cannot write the output: no space left on the device\n',
  });
  expect(JSON.parse(shell(`${list} --json > /dev/full`).stderr)).toMatchObject({ error: { kind: 'git', exitCode: 8 } });
  expect(shell(`"${process.execPath}" "${script}" log | true`)).toMatchObject({ status: 0, stdout: '', stderr: '' });
});
