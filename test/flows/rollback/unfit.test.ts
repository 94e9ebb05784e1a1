import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { changeSet } from '../../support/change-set.ts';
import { type GovernedRepo, governedRepo, look } from '../../support/governed-repo.ts';

// What no snapshot can hold stops nobody from going back: it is left alone, as what is ignored is, and told of.

interface Document {
  readonly outcome: string;
  readonly changes: object;
  readonly changedAfter: { readonly paths: readonly { readonly path: string }[] };
  readonly appeared: readonly { readonly path: string }[];
}

const write = ({ root }: GovernedRepo, path: string, content = path) => {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), content);
};
const read = ({ root }: GovernedRepo, path: string) => readFileSync(join(root, path), 'utf8');
const fifo = ({ root }: GovernedRepo, path: string) => execFileSync('mkfifo', [join(root, path)]);
const type = ({ root }: GovernedRepo, path: string) => {
  const stat = lstatSync(join(root, path));
  return stat.isFIFO() ? 'FIFO' : stat.isSocket() ? 'socket' : stat.isSymbolicLink() ? 'link' : 'other';
};

async function listen({ root }: GovernedRepo, path: string): Promise<void> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(join(root, path), done));
  onTestFinished(() => void server.close());
}

/** A FIFO, a socket and two links that lead out, two of them in a directory that a rollback to the first snapshot would remove. */
async function strays(repo: GovernedRepo): Promise<void> {
  fifo(repo, 'pipe');
  symlinkSync('/etc/hostname', join(repo.root, 'absolute'));
  mkdirSync(join(repo.root, 'new'), { recursive: true });
  await listen(repo, 'new/socket');
  symlinkSync('../../outside', join(repo.root, 'new/up'));
}

const WARNING =
  /^warning: no snapshot can hold 'absolute' \(a link to an absolute path\), 'new\/socket' \(a socket\), 'new\/up' \(.*\) and 1 more: left alone$/m;

describe.each(['in-place', 'releases'])('in the layout %s', (layout) => {
  let repo: GovernedRepo;
  let first: string;

  beforeEach(async () => {
    repo = await governedRepo();
    if (layout === 'releases') await changeSet(repo, { layout });
    write(repo, 'a', '1');
    write(repo, 'deep/b', '1');
    first = (await repo.take('-m', 'first')).id;
    if (layout === 'releases') await repo.ok('rollback', '--yes', first);
    write(repo, 'a', '2');
    write(repo, 'new/c', '2');
  });

  it('leaves them alone, by a rollback, its dry run, --undo, and restore', async () => {
    await repo.take('-m', 'second');
    await strays(repo);
    const dry = await repo.expect(0, ['rollback', '--dry-run', first]);
    expect(dry.stderr).toMatch(WARNING);
    expect(read(repo, 'a')).toBe('2');

    const { stdout, stderr } = await repo.expect(0, ['rollback', '--yes', first, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'applied', changedAfter: { paths: [] }, appeared: [] });
    expect(stderr.match(/no snapshot can hold/g)).toHaveLength(1);
    expect(stderr).toMatch(WARNING);
    const there = () => ['pipe', 'absolute', 'new/socket', 'new/up'].map((path) => type(repo, path));
    expect([read(repo, 'a'), existsSync(join(repo.root, 'new/c')), ...there()]).toEqual([
      '1',
      false,
      'FIFO',
      'link',
      'socket',
      'link',
    ]);
    expect((await repo.expect(0, ['snapshot', 'status'])).stderr).toContain('no snapshot can hold');
    expect((await repo.expect(0, ['rollback', '--yes', first])).stdout).toContain('nothing to do');

    await repo.ok('rollback', '--undo', '--yes');
    expect([read(repo, 'a'), read(repo, 'new/c'), ...there()]).toEqual(['2', '2', 'FIFO', 'link', 'socket', 'link']);
    await repo.ok('snapshot', 'restore', first, '--path', 'a', '--yes');
    expect([read(repo, 'a'), read(repo, 'new/c'), ...there()]).toEqual(['1', '2', 'FIFO', 'link', 'socket', 'link']);
  });

  it('does not touch one that has the place of what is to come', async () => {
    rmSync(join(repo.root, 'deep/b'));
    fifo(repo, 'deep/b');
    const before = look(realpathSync(repo.root));
    const { stderr } = await repo.expect(5, ['rollback', '--yes', first]);
    expect(stderr).toContain("'deep/b' cannot be put back: 'deep/b', a FIFO, is in the way");
    expect(stderr).toContain('No snapshot can hold that, so there is no backup of it. Move it away');
    expect(look(realpathSync(repo.root))).toEqual(before);
    // Elsewhere it is in nobody's way.
    await repo.ok('rollback', '--yes', first, '--path', 'a');
    expect([read(repo, 'a'), type(repo, 'deep/b')]).toEqual(['1', 'FIFO']);
  });

  it('goes on where the ignore file that left them out goes, and says what counts now', async () => {
    write(repo, '.snapshotignore', 'pipe\nrun/\nsecret\n');
    await repo.take('-m', 'with rules');
    fifo(repo, 'pipe');
    write(repo, 'run/state', 'of a program');
    write(repo, 'secret', 'ignored');
    const { stdout, stderr } = await repo.expect(0, ['rollback', '--yes', first, '--json']);
    const { outcome, appeared, changedAfter } = JSON.parse(stdout) as Document;
    expect([outcome, appeared.map(({ path }) => path), changedAfter.paths]).toEqual([
      'applied',
      ['run/state', 'secret'],
      [],
    ]);
    expect(stderr).toContain("warning: no snapshot can hold 'pipe' (a FIFO): left alone");
    expect([existsSync(join(repo.root, '.snapshotignore')), type(repo, 'pipe'), read(repo, 'secret')]).toEqual([
      false,
      'FIFO',
      'ignored',
    ]);
    const { changes } = await repo.json<{ changes: { path: string }[] }>('snapshot', 'status');
    expect(changes.map(({ path }) => path)).toEqual(['run/state', 'secret']);
  });
});

it('the check afterwards reads nothing that was ignored and counts now', async () => {
  const repo = await governedRepo();
  write(repo, 'a', '1');
  const { id } = await repo.take('-m', 'first');
  write(repo, '.snapshotignore', 'huge\n');
  await repo.take('-m', 'with rules');
  // Nobody could read all of this in time.
  write(repo, 'huge', '');
  truncateSync(join(repo.root, 'huge'), 2 ** 40);
  expect(await repo.json<Document>('rollback', '--yes', id)).toMatchObject({
    outcome: 'applied',
    appeared: [{ path: 'huge' }],
  });
});

it('status, diff and create: told, compared without, refused', async () => {
  const repo = await governedRepo();
  write(repo, 'a', '1');
  write(repo, 'deep/b', '1');
  const { id } = await repo.take('-m', 'first');
  const refused = async () => (await repo.expect(3, ['snapshot', 'create', '-m', 'x'])).stderr;
  fifo(repo, 'deep/pipe');
  // Whatever the looks before have made of the stat cache.
  for (let n = 0; n < 3; n++) {
    const status = await repo.expect(0, ['snapshot', 'status', '--json']);
    expect(JSON.parse(status.stdout)).toMatchObject({
      clean: true,
      changes: [],
      unfit: [{ path: 'deep/pipe', what: 'a FIFO' }],
    });
    expect(status.stderr).toBe(
      'warning: no snapshot can hold \'deep/pipe\' (a FIFO): "git snapshot create" refuses such things, and a rollback leaves them alone\n',
    );
    expect((await repo.expect(0, ['snapshot', 'diff'])).stderr).toContain("'deep/pipe' (a FIFO)");
    expect(await refused()).toContain('deep/pipe: a FIFO');
  }
  write(repo, 'a', '2');
  await repo.ok('rollback', '--yes', id);
  expect(await refused()).toContain('deep/pipe: a FIFO');
  rmSync(join(repo.root, 'deep/pipe'));
  expect(await repo.ok('snapshot', 'create', '-m', 'x')).toContain('nothing changed');
});

it('a file with a setuid bit is no change that could be put back', async () => {
  const repo = await governedRepo();
  write(repo, 'a', '1');
  write(repo, 'b', '1');
  await repo.take('-m', 'first');
  chmodSync(join(repo.root, 'b'), 0o4755);
  const { stdout, stderr } = await repo.expect(1, ['snapshot', 'status']);
  expect(stdout).toMatch(/deleted: +b/);
  expect(stderr).toContain("'b' (a file with a setuid, setgid or sticky bit)");
  expect((await repo.expect(5, ['rollback', '--yes'])).stderr).toContain("'b', a file with a setuid");
});

it('an empty directory of a snapshot in which one was made is as it should be', async () => {
  const repo = await governedRepo();
  write(repo, 'a', '1');
  mkdirSync(join(repo.root, 'run'));
  const { id } = await repo.take('-m', 'first');
  write(repo, 'a', '2');
  fifo(repo, 'run/pipe');
  const { changedAfter } = await repo.json<Document>('rollback', '--yes', id);
  expect(changedAfter.paths).toEqual([]);
  expect([read(repo, 'a'), type(repo, 'run/pipe')]).toEqual(['1', 'FIFO']);
});

it('a rehearsal leaves them alone, and meets them, too', async () => {
  const repo = await governedRepo();
  write(repo, 'a', '1');
  write(repo, 'deep/b', '1');
  const { id } = await repo.take('-m', 'first');
  write(repo, 'a', '2');
  await repo.take('-m', 'second');
  fifo(repo, 'pipe');
  const { stderr } = await repo.expect(0, ['snapshot', 'rehearse', id]);
  expect(stderr.match(/no snapshot can hold.*/g)).toEqual(["no snapshot can hold 'pipe' (a FIFO): left alone"]);
  rmSync(join(repo.root, 'deep/b'));
  fifo(repo, 'deep/b');
  const { stdout } = await repo.expect(7, ['snapshot', 'rehearse', id, '--json']);
  expect(stdout).toMatch(/'deep\/b', a link to an absolute path, is in the way/);
});
