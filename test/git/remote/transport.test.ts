import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RefConflictError } from '../../../src/core/errors.ts';
import type { Oid } from '../../../src/core/oid.ts';
import { requirePushed, type Transport } from '../../../src/core/share/transport.ts';
import { openRepository } from '../../../src/git/open-repository.ts';
import { openTransport } from '../../../src/git/remote/open-transport.ts';
import { processes } from '../../../src/workdir/replace/process-identity.ts';
import { type GitHttpServer, startGitHttpServer } from '../../support/git-http-server.ts';
import { type TempRepo, tempDir, tempRepo } from '../../support/temp-repo.ts';

/** One directory of bare repositories, served in every way. */
const root = mkdtempSync(join(tmpdir(), 'git-snapshot-remotes-'));
let http: GitHttpServer;
let locked: GitHttpServer;
let daemon: ChildProcess;
let daemonPort: number;
let serial = 0;

beforeAll(async () => {
  http = await startGitHttpServer(root);
  locked = await startGitHttpServer(root, { password: 'sesame' });
  daemonPort = await freePort();
  daemon = spawn(
    'git',
    [
      'daemon',
      '--reuseaddr',
      '--listen=127.0.0.1',
      `--port=${daemonPort}`,
      '--export-all',
      '--enable=receive-pack',
      `--base-path=${root}`,
      root,
    ],
    { stdio: 'ignore', detached: true },
  );
  await waitForPort(daemonPort);
});

afterAll(async () => {
  await Promise.all([http.close(), locked.close()]);
  if (daemon.pid !== undefined) process.kill(-daemon.pid);
  rmSync(root, { recursive: true, force: true });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function waitForPort(port: number): Promise<void> {
  for (let i = 0; i < 500; i++) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy();
        resolve(true);
      });
      socket.on('error', () => resolve(false));
    });
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('git daemon does not listen');
}

/** A bare repository in the served directory. */
function served(...init: string[]): { name: string; dir: string; git(...args: string[]): string } {
  const name = `remote${serial++}.git`;
  const dir = join(root, name);
  const git = (...args: string[]) => execFileSync('git', args, { cwd: dir, encoding: 'utf8', input: '' }).trim();
  execFileSync('git', ['init', '-q', '--bare', ...init, dir]);
  git('config', 'http.receivepack', 'true');
  return { name, dir, git };
}

function hook(dir: string, name: string, lines: string[]): void {
  mkdirSync(join(dir, 'hooks'), { recursive: true });
  writeFileSync(join(dir, 'hooks', name), ['#!/bin/sh', ...lines, ''].join('\n'));
  chmodSync(join(dir, 'hooks', name), 0o755);
}

/** A clone with two commits. */
function clone(): TempRepo & { readonly one: Oid; readonly two: Oid } {
  const repo = tempRepo();
  repo.git('commit', '-q', '--allow-empty', '-m', 'one');
  repo.git('commit', '-q', '--allow-empty', '-m', 'two');
  return { ...repo, one: repo.git('rev-parse', 'HEAD~1') as Oid, two: repo.git('rev-parse', 'HEAD') as Oid };
}

async function transportOf(repo: TempRepo, env: Record<string, string> = {}): Promise<Transport> {
  return openTransport(await openRepository({ cwd: repo.dir, env: { ...process.env, ...env } }), processes);
}

/** An ssh that runs the command here. */
function fakeSsh(): Record<string, string> {
  const file = join(tempDir(), 'ssh');
  writeFileSync(file, ['#!/bin/sh', 'while [ $# -gt 1 ]; do shift; done', 'exec sh -c "$1"', ''].join('\n'));
  chmodSync(file, 0o755);
  return { GIT_SSH_COMMAND: file, GIT_SSH_VARIANT: 'simple' };
}

const SILENT = { atomic: true, report: undefined };
const A = 'refs/snapshots/a/1';
const LOG = 'refs/notes/snapshots';

describe.each(['file', 'http', 'ssh', 'git'])('over %s', (kind) => {
  const address = ({ name, dir }: { name: string; dir: string }) =>
    ({
      file: dir,
      http: `${http.url}/${name}`,
      ssh: `ssh://example.org${dir}`,
      git: `git://127.0.0.1:${daemonPort}/${name}`,
    })[kind] ?? '';

  test('pushes, lists and fetches, and changes nothing else', async () => {
    const remote = served();
    const repo = clone();
    const env = kind === 'ssh' ? fakeSsh() : {};
    const transport = await transportOf(repo, env);
    const url = address(remote);
    expect(await transport.listRemoteRefs(url, ['refs/snapshots/'])).toEqual([]);
    const steps: [string, number, number][] = [];
    const report = { phase: (title: string) => (done: number, total: number) => void steps.push([title, done, total]) };
    const pushed = await transport.pushRefs(
      url,
      [
        { ref: A, to: repo.one, expected: null },
        { ref: LOG, to: repo.one, expected: null },
      ],
      { atomic: true, report },
    );
    expect(pushed).toEqual({
      ok: true,
      refs: [
        { ref: A, status: 'done', reason: '' },
        { ref: LOG, status: 'done', reason: '' },
      ],
      said: [],
    });
    expect(steps).toContainEqual(['Sending objects', 2, 2]);
    remote.git('update-ref', 'refs/other/snapshots/refs/snapshots/x', repo.one);
    remote.git('tag', 'plain', repo.one);
    expect(await transport.listRemoteRefs(url, ['refs/snapshots/', LOG])).toEqual([
      { name: LOG, oid: repo.one },
      { name: A, oid: repo.one },
    ]);
    // Move one, delete the other.
    const moved = await transport.pushRefs(
      url,
      [
        { ref: LOG, to: repo.two, expected: repo.one },
        { ref: A, to: null, expected: repo.one },
      ],
      SILENT,
    );
    expect(moved.ok).toBe(true);
    remote.git('update-ref', A, repo.two);

    const other = tempRepo();
    other.git('config', 'fetch.prune', 'true');
    other.git('config', 'remote.here.fetch', '+refs/notes/*:refs/notes/*');
    other.git('config', 'remote.here.url', url);
    other.git('config', 'remote.here.tagOpt', '--tags');
    const theirs = await transportOf(other, env);
    await theirs.fetchRefs(
      'here',
      ['+refs/snapshots/*:refs/tracked/snapshots/*', `+${LOG}*:refs/tracked/notes/snapshots*`],
      {
        report: undefined,
      },
    );
    const refs = () => other.git('for-each-ref', '--format=%(refname) %(objectname)').split('\n');
    expect(refs()).toEqual([`refs/tracked/notes/snapshots ${repo.two}`, `refs/tracked/snapshots/a/1 ${repo.two}`]);
    expect(existsSync(join(other.dir, '.git/FETCH_HEAD'))).toBe(false);
    // What is gone there is gone in the copy of it.
    remote.git('update-ref', '-d', A);
    await theirs.fetchRefs('here', ['+refs/snapshots/*:refs/tracked/snapshots/*'], { report: undefined });
    expect(refs()).toEqual([`refs/tracked/notes/snapshots ${repo.two}`]);
  });

  test('says what the other side refuses, and what has moved there', async () => {
    const remote = served();
    const repo = clone();
    const transport = await transportOf(repo, kind === 'ssh' ? fakeSsh() : {});
    const url = address(remote);
    hook(remote.dir, 'pre-receive', ["printf 'no \\033[31mway\\n' >&2", 'exit 1']);
    const updates = [
      { ref: A, to: repo.one, expected: null },
      { ref: LOG, to: repo.one, expected: null },
    ];
    const refused = await transport.pushRefs(url, updates, SILENT);
    expect(refused).toMatchObject({ ok: false, refs: [{ status: 'refused' }, { status: 'refused' }] });
    expect(refused.said).toEqual(['no \u001b[31mway']);
    expect(() => requirePushed(refused, url)).toThrow(/refused all 2 refs: pre-receive hook declined$/);
    rmSync(join(remote.dir, 'hooks/pre-receive'));

    await transport.pushRefs(url, updates, SILENT);
    const stale = await transport.pushRefs(
      url,
      [
        { ref: LOG, to: repo.two, expected: repo.two },
        { ref: 'refs/snapshots/a/2', to: repo.two, expected: null },
      ],
      SILENT,
    );
    expect(stale.refs).toMatchObject([{ status: 'stale' }, { status: 'held-back' }]);
    expect(() => requirePushed(stale, url)).toThrow(RefConflictError);
    // Made by somebody else meanwhile; and what is wanted already is no conflict.
    const made = await transport.pushRefs(url, [{ ref: A, to: repo.two, expected: null }], SILENT);
    expect(made.refs).toMatchObject([{ ref: A, status: 'stale' }]);
    const same = await transport.pushRefs(url, [{ ref: A, to: repo.one, expected: null }], SILENT);
    expect(same).toEqual({ ok: true, refs: [{ ref: A, status: 'unchanged', reason: '' }], said: [] });
    expect(remote.git('for-each-ref', '--format=%(refname) %(objectname)').split('\n')).toEqual([
      `${LOG} ${repo.one}`,
      `${A} ${repo.one}`,
    ]);
  });
});

describe('what cannot be', () => {
  const push = async (remote: string, env: Record<string, string> = {}) => {
    const repo = clone();
    return (await transportOf(repo, env)).pushRefs(remote, [{ ref: A, to: repo.one, expected: null }], SILENT);
  };

  test.each<[string, () => string, object]>([
    [
      'no such remote',
      () => 'upstream',
      { kind: 'not-found', message: expect.stringContaining("there is no remote 'upstream'") },
    ],
    ['an option', () => '--upload-pack=x', { kind: 'usage' }],
    ['two lines', () => 'a\nb', { kind: 'usage' }],
    ['no repository there', () => join(root, 'none.git'), { kind: 'not-found' }],
    ['none over http', () => `${http.url}/none.git`, { kind: 'not-found' }],
    ['none at the daemon', () => `git://127.0.0.1:${daemonPort}/none.git`, { kind: 'not-found' }],
    [
      'nobody listens, http',
      () => 'http://127.0.0.1:1/x',
      { kind: 'git', message: expect.stringContaining('cannot be reached') },
    ],
    [
      'nobody listens, git',
      () => 'git://127.0.0.1:1/x',
      { kind: 'git', message: expect.stringContaining('cannot be reached') },
    ],
    [
      'a password is wanted',
      () => `${locked.url}/remote0.git`,
      { kind: 'config', message: expect.stringContaining('does not let you in') },
    ],
  ])('%s', async (_, remote, error) => {
    await expect(push(remote())).rejects.toMatchObject(error);
  });

  test('ssh that does not let in, and a password that is not printed', async () => {
    const file = join(tempDir(), 'ssh');
    writeFileSync(file, '#!/bin/sh\necho "git@example.org: Permission denied (publickey)." >&2\nexit 255\n');
    chmodSync(file, 0o755);
    await expect(push('ssh://example.org/x', { GIT_SSH_COMMAND: file })).rejects.toMatchObject({ kind: 'config' });
    const withPassword = locked.url.replace('http://', 'http://ada:swordfish@');
    await expect(push(`${withPassword}/remote0.git`)).rejects.toMatchObject({
      message: expect.not.stringContaining('swordfish'),
    });
  });

  test('a password that is right lets in', async () => {
    const remote = served();
    const url = `${locked.url.replace('http://', 'http://ada:sesame@')}/${remote.name}`;
    expect((await push(url)).ok).toBe(true);
  });

  test('a server that takes refs only one by one', async () => {
    const remote = served();
    remote.git('config', 'receive.advertiseAtomic', 'false');
    await expect(push(remote.dir)).rejects.toMatchObject({
      kind: 'config',
      message: expect.stringContaining('several refs'),
    });
    expect(remote.git('for-each-ref')).toBe('');
  });

  test('a ref that the remote lacks, and an object that git does not allow', async () => {
    const remote = served();
    const transport = await transportOf(tempRepo());
    const fetch = (refspec: string) => transport.fetchRefs(remote.dir, [refspec], { report: undefined });
    const gone = await transport.pushRefs(
      remote.dir,
      [{ ref: 'refs/x/y', to: null, expected: '1'.repeat(40) as Oid }],
      SILENT,
    );
    expect(gone).toMatchObject({ ok: false, refs: [{ status: 'stale' }] });
    await expect(fetch('refs/x/y:refs/x/y')).rejects.toMatchObject({ kind: 'not-found' });
    await fetch('+refs/x/*:refs/x/*');
    const empty = remote.git('mktree');
    const tree = execFileSync('git', ['hash-object', '-t', 'tree', '-w', '--literally', '--stdin'], {
      cwd: remote.dir,
      input: Buffer.concat([Buffer.from('40000 .git\0'), Buffer.from(empty, 'hex')]),
    });
    remote.git('update-ref', 'refs/x/y', tree.toString().trim());
    await expect(fetch('+refs/x/*:refs/x/*')).rejects.toMatchObject({ kind: 'untrusted' });
  });
});

describe('what another push does meanwhile', () => {
  test.each([true, false])('is a conflict of that ref, and of no other (atomic: %s)', async (atomic) => {
    const [remote, repo] = [served(), clone()];
    repo.git('push', '-q', remote.dir, `${repo.one}:${LOG}`, `${repo.two}:refs/heads/two`);
    hook(remote.dir, 'pre-receive', ['unset GIT_QUARANTINE_PATH', `git update-ref ${LOG} ${repo.two}`]);
    const three = repo.git('commit-tree', '-p', repo.two, '-m', 'three', `${repo.two}^{tree}`) as Oid;
    const result = await (await transportOf(repo)).pushRefs(
      remote.dir,
      [
        { ref: LOG, to: three, expected: repo.one },
        { ref: A, to: three, expected: null },
      ],
      { atomic, report: undefined },
    );
    expect(result).toMatchObject({
      ok: false,
      refs: [{ ref: LOG, status: 'stale' }, { status: atomic ? 'held-back' : 'done' }],
    });
    expect(() => requirePushed(result, 'origin')).toThrow(RefConflictError);
    expect(remote.git('rev-parse', LOG)).toBe(repo.two);
  });

  test('a guard of refs that says no is no lost connection', async () => {
    const [remote, repo] = [served(), clone()];
    hook(remote.dir, 'reference-transaction', ['echo "error: never" >&2', 'exit 1']);
    const pushing = (await transportOf(repo)).pushRefs(remote.dir, [{ ref: A, to: repo.one, expected: null }], SILENT);
    await expect(pushing).rejects.toMatchObject({ kind: 'untrusted', message: expect.stringContaining('never') });
  });
});

describe("the user's setup", () => {
  test('hooks of a push do not run, guards of refs do', async () => {
    const [remote, repo] = [served(), clone()];
    hook(join(repo.dir, '.git'), 'pre-push', ['exit 1']);
    hook(join(repo.dir, '.git'), 'reference-transaction', ['grep -q refs/tracked && exit 1', 'exit 0']);
    const transport = await transportOf(repo);
    expect((await transport.pushRefs(remote.dir, [{ ref: A, to: repo.one, expected: null }], SILENT)).ok).toBe(true);
    const fetching = transport.fetchRefs(remote.dir, ['+refs/snapshots/*:refs/tracked/*'], { report: undefined });
    await expect(fetching).rejects.toMatchObject({ kind: 'untrusted' });
  });

  test('a remote that is a mirror, and one that names other refspecs', async () => {
    const [remote, repo] = [served(), clone()];
    repo.git('remote', 'add', '--mirror=push', 'origin', remote.dir);
    repo.git('config', 'push.followTags', 'true');
    repo.git('tag', '-a', '-m', 'x', 'v1', repo.one);
    const transport = await transportOf(repo);
    expect((await transport.pushRefs('origin', [{ ref: A, to: repo.one, expected: null }], SILENT)).ok).toBe(true);
    expect(remote.git('for-each-ref', '--format=%(refname)')).toBe(A);
  });

  test('shallow and partial clones are known', async () => {
    const [remote, repo] = [served(), clone()];
    repo.git('push', '-q', remote.dir, 'main');
    remote.git('config', 'uploadpack.allowFilter', 'true');
    remote.git('symbolic-ref', 'HEAD', 'refs/heads/main');
    const make = async (...options: string[]) => {
      const dir = join(tempDir(), 'clone');
      execFileSync('git', ['clone', '-q', ...options, `file://${remote.dir}`, dir], { stdio: 'ignore' });
      return openTransport(await openRepository({ cwd: dir, env: process.env }), processes);
    };
    const [whole, shallow, partial] = [await make(), await make('--depth=1'), await make('--filter=blob:none')];
    expect([whole.isShallow, await whole.isPartial()]).toEqual([false, false]);
    expect([shallow.isShallow, await shallow.isPartial()]).toEqual([true, false]);
    expect([partial.isShallow, await partial.isPartial()]).toEqual([false, true]);
  });
});

describe('unattended', () => {
  test('a remote that does not answer is given up', async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const transport = await transportOf(clone());
    const listing = transport.listRemoteRefs(`git://127.0.0.1:${port}/x`, [LOG], { unattendedMs: 50 });
    await expect(listing).rejects.toThrow('did not answer in time');
    silent.close();
  });

  test('nobody is asked for a password', async () => {
    const { name } = served();
    const asked = join(tempDir(), 'asked');
    const program = join(tempDir(), 'askpass');
    writeFileSync(program, `#!/bin/sh\ntouch ${asked}\necho sesame\n`);
    chmodSync(program, 0o755);
    const env = { GIT_ASKPASS: program, SSH_ASKPASS: program };
    const listing = (await transportOf(clone(), env)).listRemoteRefs(`${locked.url}/${name}`, [LOG], {
      unattendedMs: 60_000,
    });
    await expect(listing).rejects.toThrow('does not let you in');
    expect(existsSync(asked)).toBe(false);
  });
});
