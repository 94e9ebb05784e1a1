import { execFileSync, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import isomorphic from 'isomorphic-git';
import { describe, expect, it } from 'vitest';
import { runTool, tempGnupg } from '../support/gnupg.ts';
import {
  existing,
  fsck,
  type GovernedRepo,
  governedRepo,
  look,
  type SnapshotDocument,
} from '../support/governed-repo.ts';
import { tempDir } from '../support/temp-repo.ts';

// What other programs make of what we store. None of ours is needed to read or to prove it.

const REFS = [
  'refs/snapshots/*:refs/snapshots/*',
  'refs/snapshot-policy/current:refs/snapshot-policy/current',
  'refs/notes/snapshots:refs/notes/snapshots',
];

async function filled(): Promise<{ repo: GovernedRepo; first: SnapshotDocument; second: SnapshotDocument }> {
  const repo = await governedRepo();
  mkdirSync(join(repo.root, 'bin'));
  writeFileSync(join(repo.root, 'bin/run'), '#!/bin/sh\n', { mode: 0o755 });
  writeFileSync(join(repo.root, 'a b.txt'), 'one\r\n');
  symlinkSync('a b.txt', join(repo.root, 'link'));
  // Enough for a pack.
  mkdirSync(join(repo.root, 'many'));
  for (let i = 0; i < 300; i++) writeFileSync(join(repo.root, `many/${i}`), `content ${i}\n`);
  const first = await repo.take('-m', 'first');
  writeFileSync(join(repo.root, 'a b.txt'), 'two\r\n');
  const second = await repo.take('-m', 'second');
  return { repo, first, second };
}

/** A keyring with the certificate that the policy names, as a stranger would get it. */
function keyring({ git }: GovernedRepo) {
  const gnupg = tempGnupg();
  const file = git('ls-tree', '--name-only', 'refs/snapshot-policy/current', 'keys/');
  const certificate = `${git('show', `refs/snapshot-policy/current:${file}`)}\n`;
  gnupg.gpg(['--import'], certificate);
  return { ...gnupg, certificate, fingerprint: file.replace(/^keys\/|\.asc$/g, '') };
}

const withEnv =
  (env: NodeJS.ProcessEnv, cwd: string) =>
  (program: string, ...args: string[]) =>
    spawnSync(program, args, { cwd, env, encoding: 'utf8' });

function detached(tag: string): { payload: string; signature: string } {
  const at = tag.indexOf('-----BEGIN PGP SIGNATURE-----');
  return { payload: tag.slice(0, at), signature: tag.slice(at) };
}

describe('signatures', () => {
  it('are good for git verify-tag, gpg and sqop', async () => {
    const { repo, second } = await filled();
    const { env, gpg, certificate, fingerprint } = keyring(repo);
    const run = withEnv(env, repo.dir);
    const verified = run('git', 'verify-tag', '--raw', second.ref);
    expect(verified.status, verified.stderr).toBe(0);
    expect(verified.stderr).toContain(`VALIDSIG ${fingerprint}`);

    const dir = tempDir();
    const { payload, signature } = detached(`${repo.git('cat-file', 'tag', second.ref)}\n`);
    for (const [name, text] of Object.entries({ payload, signature, certificate }))
      writeFileSync(join(dir, name), text);
    gpg(['--verify', join(dir, 'signature'), join(dir, 'payload')]);
    expect(runTool('sqop', ['verify', join(dir, 'signature'), join(dir, 'certificate')], { input: payload })).toContain(
      fingerprint,
    );
    expect(() =>
      runTool('sqop', ['verify', join(dir, 'signature'), join(dir, 'certificate')], { input: `${payload} ` }),
    ).toThrow();
    expect(runTool('sha256sum', [], { input: payload }).slice(0, 64)).toBe(second.payload.slice('sha256:'.length));
  });

  it('are good in the log, which git shows', async () => {
    const { repo, second } = await filled();
    const { env, fingerprint } = keyring(repo);
    const log = withEnv(env, repo.dir)('git', 'log', '--format=%G? %GP %s', 'refs/notes/snapshots')
      .stdout.trim()
      .split('\n');
    // U: good, by a key whose owner this keyring does not certify.
    for (const line of log) expect(line.startsWith(`U ${fingerprint} `), line).toBe(true);
    expect(log).toHaveLength(3);
    expect(withEnv(env, repo.dir)('git', 'log', '--show-signature', 'refs/notes/snapshots').stdout).toContain(
      'Good signature from "Ada Example',
    );
    expect(repo.git('notes', '--ref=snapshots', 'show', second.tag)).toMatch(
      / #3 ada-example: snapshot: artifacts\/.*: second$/,
    );
    expect(repo.git('notes', '--ref=snapshots', 'list').split('\n')).toHaveLength(3);
    expect(repo.git('log', '-1', '--format=%an <%ae>', 'refs/notes/snapshots')).toBe('Ada Example <ada@example.org>');
  });

  it('are over a policy that gpg can check', async () => {
    const { repo } = await filled();
    const { gpg, fingerprint } = keyring(repo);
    const dir = tempDir();
    writeFileSync(join(dir, 'policy'), `${repo.git('show', 'refs/snapshot-policy/current:policy.json')}\n`);
    writeFileSync(
      join(dir, 'sig'),
      `${repo.git('show', `refs/snapshot-policy/current:signatures/${fingerprint}.sig`)}\n`,
    );
    gpg(['--verify', join(dir, 'sig'), join(dir, 'policy')]);
  });
});

describe('plain git', () => {
  it('finds nothing wrong', async () => {
    const { repo } = await filled();
    await repo.ok('rollback', '--yes', 'latest~1');
    expect(fsck(repo.dir)).toBe('');
    for (const pack of readdirSync(join(repo.dir, '.git/objects/pack')).filter((name) => name.endsWith('.pack'))) {
      repo.git('index-pack', '--strict', '--verify', `.git/objects/pack/${pack}`);
    }
    repo.git('gc', '--prune=now', '-q');
    repo.git('repack', '-adq', '--depth=50');
    expect(await repo.json('snapshot', 'verify', '--all')).toMatchObject({ ok: true });
    writeFileSync(join(repo.root, 'a b.txt'), 'three\r\n');
    await repo.take('-m', 'after gc');
    expect(fsck(repo.dir)).toBe('');
    expect(await repo.json('snapshot', 'verify', '--all')).toMatchObject({ ok: true });
  });

  it('gives the content: archive, ls-tree, diff, show', async () => {
    const { repo, first, second } = await filled();
    const out = tempDir();
    execFileSync('sh', ['-c', `git archive "$1" | tar x -C "$2"`, 'sh', second.ref, out], { cwd: repo.dir });
    execFileSync('diff', ['-r', repo.root, out]);
    expect(repo.git('ls-tree', '-r', second.ref).split('\n')).toHaveLength(second.files);
    expect(repo.git('ls-tree', second.ref, 'bin/run')).toMatch(/^100755 blob/);
    expect(repo.git('ls-tree', second.ref, 'link')).toMatch(/^120000 blob/);
    expect(repo.git('diff', '--name-status', first.ref, second.ref)).toBe('M\ta b.txt');
    expect(execFileSync('git', ['show', `${first.ref}:a b.txt`], { cwd: repo.dir, encoding: 'utf8' })).toBe('one\r\n');
    expect(repo.git('rev-parse', `${second.ref}^{tree}`)).toBe(second.tree);
    expect(repo.git('for-each-ref', '--format=%(objecttype) %(*objecttype) %(contents:subject)', second.ref)).toBe(
      'tag tree second',
    );
  });

  it('carries it: push, fetch, bundle', async () => {
    const { repo, second } = await filled();
    const { digest } = (await repo.json<{ policy: { digest: string } }>('snapshot', 'show')).policy;
    const bare = tempDir();
    const remote = existing(bare);
    remote.git('init', '-q', '--bare', '-b', 'main');
    remote.git('config', 'transfer.fsckObjects', 'true');
    repo.git('push', '-q', '--atomic', bare, ...REFS);
    const bundle = join(tempDir(), 'all.bundle');
    repo.git('bundle', 'create', '-q', bundle, '--all');

    for (const source of [bare, bundle]) {
      const clone = existing(tempDir());
      clone.git('init', '-q', '-b', 'main');
      clone.git('config', 'transfer.fsckObjects', 'true');
      clone.git('fetch', '-q', source, ...REFS);
      const stranger = { XDG_CONFIG_HOME: tempDir() };
      const trusting = { ...stranger, GIT_SNAPSHOT_TRUST_ROOT: digest };
      const wrong = { ...stranger, GIT_SNAPSHOT_TRUST_ROOT: `sha256:${'0'.repeat(64)}` };
      const verify = ['snapshot', 'verify', '--all', '--json'];
      expect((await clone.expect(6, verify, { env: stranger })).stdout).toBe('');
      await clone.expect(6, verify, { env: wrong });
      expect(JSON.parse((await clone.expect(0, verify, { env: trusting })).stdout)).toMatchObject({ ok: true });
      // Whoever has no key there can read and verify, and not roll back: that must be signed.
      await clone.expect(6, ['rollback', '--yes', second.id], { env: trusting });
      await clone.expect(0, ['rollback', '--yes', second.id], { env: { GIT_SNAPSHOT_TRUST_ROOT: digest } });
      expect(look(clone.root)).toEqual(look(repo.root));
      expect(fsck(clone.dir)).toBe('');
    }
  });
});

it('is all readable for isomorphic-git', async () => {
  const { repo } = await filled();
  const gitdir = join(repo.dir, '.git');
  const objects = repo
    .git('cat-file', '--batch-all-objects', '--batch-check=%(objectname) %(objecttype) %(objectsize)')
    .split('\n');
  expect(objects.length).toBeGreaterThan(300);
  const cache = {};
  for (const line of objects) {
    const [oid = '', type, size] = line.split(' ');
    const read = await isomorphic.readObject({ fs, gitdir, oid, format: 'content', cache });
    expect([read.type, String((read.object as Uint8Array).length)], oid).toEqual([type, size]);
  }
  for (const { ref, tag, tree } of await repo.json<SnapshotDocument[]>('snapshot', 'list')) {
    expect(await isomorphic.resolveRef({ fs, gitdir, ref })).toBe(tag);
    expect((await isomorphic.readTag({ fs, gitdir, oid: tag })).tag.object).toBe(tree);
  }
  expect(await isomorphic.log({ fs, gitdir, ref: 'refs/notes/snapshots' })).toHaveLength(3);
});

describe('a tag made by hand, with git and gpg alone', () => {
  it('is a snapshot as soon as the log tells of it', async () => {
    const { repo, second } = await filled();
    const gnupg = tempGnupg();
    const keys = join(process.env['XDG_CONFIG_HOME'] ?? '', 'git-snapshot/keys');
    const { key } = (await repo.json<{ key: string }[]>('snapshot', 'log'))[0] ?? { key: '' };
    const fingerprint = key.replace('openpgp:', '');
    gnupg.gpg(['--import', join(keys, `${fingerprint}.asc`)]);
    const sign = (payload: string) => gnupg.gpg(['--local-user', fingerprint, '--armor', '--detach-sign'], payload);
    const store = (type: string, body: string) =>
      execFileSync('git', ['hash-object', '-t', type, '-w', '--stdin'], {
        cwd: repo.dir,
        input: Buffer.from(body, 'latin1'),
        encoding: 'utf8',
      }).trim();
    const failed = async () => {
      const { results } = await repo.json<{ results: { checks: { check: string; ok: boolean }[] }[] }>(
        'snapshot',
        'verify',
        second.id,
      );
      return results.flatMap(({ checks }) => checks.filter(({ ok }) => !ok).map(({ check }) => check));
    };

    // The same payload, signed once more: the snapshot is the same, its tag is another, of which the log knows nothing.
    const { payload } = detached(`${repo.git('cat-file', 'tag', second.ref)}\n`);
    const tag = execFileSync('git', ['mktag'], {
      cwd: repo.dir,
      input: payload + sign(payload),
      encoding: 'utf8',
    }).trim();
    expect(tag).not.toBe(second.tag);
    repo.git('update-ref', second.ref, tag, second.tag);
    expect(await failed()).toEqual(['log']);
    await repo.expect(6, ['rollback', '--yes', second.id]);

    const [head = '', json = ''] = repo.git('log', '-1', '--format=%B', 'refs/notes/snapshots').trim().split('\n\n');
    const event = JSON.parse(json) as { seq: number; snapshot: { tag: string } };
    event.seq += 1;
    event.snapshot.tag = tag;
    const [tree, parent, who] = repo
      .git('log', '-1', '--format=%T %H %an <%ae> %ct +0000', 'refs/notes/snapshots')
      .split(/ (.{40}) /);
    const headers = `tree ${tree}\nparent ${parent}\nauthor ${who}\ncommitter ${who}\n`;
    const message = `\n${head}\n\n${JSON.stringify(event)}\n`;
    const armor = sign(headers + message)
      .trimEnd()
      .replaceAll('\n', '\n ');
    repo.git('update-ref', 'refs/notes/snapshots', store('commit', `${headers}gpgsig ${armor}\n${message}`));
    expect(await failed()).toEqual([]);
    await repo.ok('rollback', '--yes', second.id);
  });
});
