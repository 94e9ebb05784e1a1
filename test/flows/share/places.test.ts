import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startGitHttpServer } from '../../support/git-http-server.ts';
import { around, type GovernedRepo } from '../../support/governed-repo.ts';
import { tempDir } from '../../support/temp-repo.ts';
import { governedRefs, people, share, take } from './clones.ts';

const run = (dir: string, ...args: string[]) =>
  execFileSync('git', args, { cwd: dir, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).replace(/\n$/, '');

/** A clone of somebody who trusts that root, made by plain git. */
function clone(url: string, root: string, ...args: string[]): GovernedRepo {
  const dir = join(tempDir(), 'clone');
  run('/', '-c', 'protocol.file.allow=always', 'clone', '-q', ...args, url, dir);
  const env = { XDG_CONFIG_HOME: tempDir(), GIT_SNAPSHOT_TRUST_ROOT: root };
  return around({ dir, git: (...words) => run(dir, ...words) }, env);
}

/** A commit, so that there is something to clone, to check out and to cut off. */
function commitTwice(dir: string): void {
  const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org'];
  for (const subject of ['one', 'two']) run(dir, ...identity, 'commit', '-q', '--allow-empty', '-m', subject);
}

test('bare, shallow and partial clones, linked working trees and submodules', async () => {
  const { ada, server, root } = await people(['ben']);
  commitTwice(ada.dir);
  ada.git('push', '-q', 'origin', 'HEAD:refs/heads/main');
  const { id } = await take(ada, 'one');
  await share(ada, 'push');
  const refs = server.refs();
  const url = `file://${server.dir}`;
  server.git('config', 'uploadpack.allowFilter', 'true');
  for (const args of [['--bare'], ['--depth=1'], ['--filter=blob:none'], ['--filter=tree:0', '--bare']]) {
    const repo = clone(url, root, ...args);
    await repo.ok('snapshot', 'fetch', ...(args.includes('--bare') ? [server.dir] : []));
    expect(governedRefs(repo), args.join()).toBe(refs);
    expect(await repo.ok('snapshot', 'verify', id), args.join()).toContain(id);
    await repo.ok('snapshot', 'log', '--verify');
  }

  ada.git('worktree', 'add', '-q', join(tempDir(), 'linked'), 'HEAD');
  const linked = ada.git('worktree', 'list', '--porcelain').match(/worktree (.*linked)/)?.[1] ?? '';
  mkdirSync(join(linked, 'artifacts'));
  writeFileSync(join(linked, 'artifacts/weights'), 'from the linked one');
  await ada.expect(0, ['snapshot', 'create', '-q'], { cwd: linked });
  await ada.expect(0, ['snapshot', 'push'], { cwd: linked });
  expect(governedRefs(ada)).toBe(server.refs());

  const outer = tempDir();
  run(outer, 'init', '-q');
  run(outer, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', url, 'inner');
  const inner = around(
    { dir: join(outer, 'inner'), git: (...words) => run(join(outer, 'inner'), ...words) },
    {
      XDG_CONFIG_HOME: tempDir(),
      GIT_SNAPSHOT_TRUST_ROOT: root,
    },
  );
  await inner.ok('snapshot', 'fetch');
  expect(governedRefs(inner)).toBe(server.refs());
});

test('smart HTTP, and remotes given by their URL', async () => {
  const { ada, others, server } = await people(['ben']);
  const { ben } = others;
  server.git('config', 'http.receivepack', 'true');
  const http = await startGitHttpServer(join(server.dir, '..'));
  onTestFinished(() => http.close());
  const url = `${http.url}/${server.dir.split('/').at(-1)}`;
  await take(ada, 'one');
  expect(await share(ada, 'push', url)).toMatchObject({ relation: 'ahead', sent: [{ kind: 'snapshots', created: 1 }] });
  await take(ben, 'two');
  expect(await share(ben, 'sync', url)).toMatchObject({ relation: 'diverged' });
  expect(governedRefs(ben)).toBe(server.refs());
  expect(ben.git('for-each-ref', '--format=%(refname)', 'refs/snapshot-remotes')).toMatch(/\/url-[0-9a-f]{16}\//);
});

test('which remote is meant where none is named', async () => {
  const { ada, server } = await people(['ben']);
  ada.git('remote', 'rename', 'origin', 'one');
  expect(await share(ada, 'sync')).toMatchObject({ remote: 'one', relation: 'same' });
  ada.git('remote', 'add', 'two', server.dir);
  expect((await ada.expect(2, ['snapshot', 'sync'])).stderr).toContain('Name one: one, two');
  commitTwice(ada.dir);
  ada.git('push', '-q', '-u', 'two', 'HEAD:refs/heads/main');
  expect(await share(ada, 'sync')).toMatchObject({ remote: 'two', relation: 'same' });
  for (const name of ['one', 'two']) ada.git('remote', 'remove', name);
  expect((await ada.expect(3, ['snapshot', 'sync'])).stderr).toContain('git remote add origin');
  await ada.expect(2, ['snapshot', 'sync', '--', '--upload-pack=x']);
  await ada.expect(4, ['snapshot', 'sync', '/nowhere/at/all']);
});
