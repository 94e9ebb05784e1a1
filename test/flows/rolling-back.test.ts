import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type Oid, SHA1 } from '../../src/core/oid.ts';
import { openCacheAuthenticator } from '../../src/sign/memory-key.ts';
import { openWorkdir } from '../../src/workdir/open-workdir.ts';
import { type GovernedRepo, governedRepo, look } from '../support/governed-repo.ts';
import { tempDir } from '../support/temp-repo.ts';

const write = (repo: GovernedRepo, path: string, content = path) => {
  mkdirSync(join(repo.root, path, '..'), { recursive: true });
  writeFileSync(join(repo.root, path), content);
};
const read = (repo: GovernedRepo, path: string) => readFileSync(join(repo.root, path), 'utf8');

/** Everything that a command could change, but objects and the stat cache. */
function traces({ dir, git, root }: GovernedRepo): unknown {
  const rest = look(dir).filter((line) => !/ (\.\/)?(\.git\/(objects|snapshot)|artifacts)/.test(line));
  return [git('for-each-ref'), look(root), rest];
}

async function threeSnapshots(): Promise<{ repo: GovernedRepo; ids: [string, string, string] }> {
  const repo = await governedRepo();
  const ids: string[] = [];
  for (const n of ['1', '2', '3']) {
    write(repo, 'a', n);
    write(repo, 'deep/b', n);
    ids.push((await repo.take('-m', n, '-l', `number=${n}`)).id);
  }
  return { repo, ids: ids as [string, string, string] };
}

describe('which snapshot', () => {
  it('takes an id, its beginning, latest, a manifest, a label, or steps', async () => {
    const { repo, ids } = await threeSnapshots();
    const { manifest } = await repo.json<{ manifest: string }>('snapshot', 'show', ids[0]);
    const ways: [string[], string][] = [
      [[ids[0]], '1'],
      [['latest'], '3'],
      [['latest~1'], '2'],
      [[`artifacts/${ids[0]}`], '1'],
      [[manifest.slice(0, 20)], '1'],
      [['label:number=2'], '2'],
    ];
    for (const [args, content] of ways) {
      await repo.ok('rollback', '--yes', ...args);
      expect(read(repo, 'a'), args.join(' ')).toBe(content);
    }
  });

  it('counts steps from what the directory should be', async () => {
    const { repo } = await threeSnapshots();
    await repo.ok('rollback', '--yes', '--steps', '1');
    expect(read(repo, 'a')).toBe('2');
    await repo.ok('rollback', '--yes', '--steps', '1');
    expect(read(repo, 'a')).toBe('1');
    expect((await repo.expect(4, ['rollback', '--yes', '--steps', '1'])).stderr).toContain(
      'error: there is no other snapshot before ',
    );
    await repo.ok('rollback', '--yes', 'latest');
    expect((await repo.expect(4, ['rollback', '--yes', '--steps', '3'])).stderr).toContain(
      'error: there are only 2 before ',
    );
  });

  it("does not count the backups of rollbacks as 'latest'", async () => {
    const { repo, ids } = await threeSnapshots();
    write(repo, 'a', 'changed');
    await repo.ok('rollback', '--yes', 'latest~2');
    expect((await repo.json<{ id: string }>('snapshot', 'show', 'latest')).id).toBe(ids[2]);
    expect((await repo.json<{ snapshot: { id: string } }>('snapshot', 'status')).snapshot.id).toBe(ids[0]);
  });

  it('says where the one that was not named is a backup', async () => {
    const { repo, ids } = await threeSnapshots();
    write(repo, 'a', 'broken');
    await repo.ok('rollback', '--yes');
    await repo.ok('rollback', '--yes', '--undo');
    const backup =
      ' that is an automatic backup, as rollbacks take of what was there before\n for the newest that was taken on purpose: git rollback latest\n';
    expect(await repo.ok('rollback', '--yes')).toMatch(new RegExp(`^nothing to do: artifacts is at .*\n${backup}`));
    write(repo, 'a', 'changed');
    expect(await repo.ok('rollback', '--dry-run')).toContain(backup);
    expect(await repo.ok('rollback', '--yes')).toContain(backup);
    expect(await repo.ok('rollback', '--yes', 'latest')).toMatch(
      new RegExp(`^artifacts is now at ${ids[2]} \\(.*\n 1 replaced`),
    );
    const idle = await repo.expect(0, ['rollback', '--yes']);
    expect(idle.stdout).toBe(`nothing to do: artifacts is at ${ids[2]}\n`);
    // What is bad may be in that snapshot.
    const further =
      'hint: If that is what is bad: see "git snapshot list", then "git rollback --steps 1", or name a snapshot.\n';
    expect(idle.stderr).toBe(further);
    for (const words of [['latest'], ['--path', 'a'], ['--json'], ['--quiet']])
      expect((await repo.expect(0, ['rollback', '--yes', ...words])).stderr).not.toContain('If that is');
  });

  it('says what there is not', async () => {
    const { repo } = await threeSnapshots();
    await repo.expect(4, ['rollback', '--yes', 'latest~9']);
    await repo.expect(4, ['rollback', '--yes', 'label:number=9']);
    await repo.expect(4, ['rollback', '--yes', '20010101T000000Z-000000000000']);
    await repo.expect(2, ['rollback', '--yes', 'no such thing']);
    await repo.expect(4, ['rollback', '--yes', '--undo']);
    await repo.expect(4, ['rollback', '--continue']);
    await repo.expect(4, ['rollback', '--abort']);
    await repo.expect(4, ['snapshot', 'status', '--set', 'others']);
  });
});

describe('what it changes', () => {
  it('nothing in a dry run', async () => {
    const { repo, ids } = await threeSnapshots();
    write(repo, 'new');
    const all = () => [traces(repo), look(join(repo.dir, '.git/snapshot')), repo.git('count-objects', '-v')];
    const before = all();
    await repo.ok('rollback', '--dry-run', ids[0]);
    await repo.ok('rollback', '--dry-run', ids[2]);
    await repo.ok('snapshot', 'create', '--dry-run');
    expect(all()).toEqual(before);
  });

  it('nothing the second time', async () => {
    const { repo, ids } = await threeSnapshots();
    await repo.ok('rollback', '--yes', ids[0]);
    const before = traces(repo);
    expect(await repo.json('rollback', '--yes')).toMatchObject({ outcome: 'nothing-to-do', to: ids[0] });
    expect(await repo.json('rollback', '--yes', ids[0])).toMatchObject({ outcome: 'nothing-to-do', to: ids[0] });
    expect(traces(repo)).toEqual(before);
  });

  it('types of paths, both ways', async () => {
    const repo = await governedRepo();
    for (const path of ['file-dir', 'file-link', 'file-empty', 'dir-file/x/y', 'dir-link/x', 'dir-empty/x'])
      write(repo, path);
    for (const path of ['link-file', 'link-dir', 'link-empty']) symlinkSync('elsewhere', join(repo.root, path));
    for (const path of ['empty-file', 'empty-link', 'empty-dir']) mkdirSync(join(repo.root, path));
    write(repo, 'mode');
    chmodSync(join(repo.root, 'mode'), 0o600);
    const first = look(repo.root);
    const { id } = await repo.take();
    rmSync(repo.root, { recursive: true });
    for (const path of ['link-file', 'dir-file', 'empty-file', 'file-dir/x/y', 'link-dir/x', 'empty-dir/x'])
      write(repo, path);
    for (const path of ['file-link', 'dir-link', 'empty-link']) symlinkSync('nowhere', join(repo.root, path));
    for (const path of ['file-empty', 'link-empty', 'dir-empty']) mkdirSync(join(repo.root, path));
    write(repo, 'mode');
    chmodSync(join(repo.root, 'mode'), 0o751);
    const second = look(repo.root);
    await repo.ok('rollback', '--yes', id);
    expect(look(repo.root)).toEqual(first);
    await repo.ok('rollback', '--yes', '--undo');
    expect(look(repo.root)).toEqual(second);
    await repo.ok('rollback', '--yes', '--undo');
    expect(look(repo.root)).toEqual(first);
  });

  it('brings back a directory that is gone, which status tells, and takes one away to nothing', async () => {
    const { repo, ids } = await threeSnapshots();
    const before = look(repo.root);
    rmSync(repo.root, { recursive: true });
    await repo.expect(4, ['snapshot', 'create']);
    expect(await repo.json('snapshot', 'status')).toMatchObject({ exists: false, clean: false });
    await repo.ok('rollback', '--yes');
    expect(look(repo.root)).toEqual(before);
    expect(await repo.json('snapshot', 'status')).toMatchObject({ exists: true, clean: true });
    await repo.ok('rollback', '--yes', '--undo');
    expect(existsSync(repo.root) ? look(repo.root) : []).toEqual([]);
    await repo.ok('rollback', '--yes', ids[2]);
    expect(look(repo.root)).toEqual(before);
  });

  it('brings back all that was in a directory, and takes it out again', async () => {
    const { repo } = await threeSnapshots();
    const before = look(repo.root);
    rmSync(repo.root, { recursive: true });
    mkdirSync(repo.root);
    await repo.ok('rollback', '--yes');
    expect(look(repo.root)).toEqual(before);
    await repo.ok('rollback', '--yes', '--undo');
    expect(existsSync(repo.root) ? readdirSync(repo.root) : []).toEqual([]);
  });
});

describe('the stat cache', () => {
  it('knows afterwards what was left as it was, so that the next command need not read it', async () => {
    const repo = await governedRepo();
    write(repo, 'still', '1');
    write(repo, 'moves', '1');
    // What was written in the second of a scan is never vouched for.
    await new Promise((done) => setTimeout(done, 1130 - (Date.now() % 1000)));
    await repo.take('-m', 'one');
    write(repo, 'moves', '2');
    await repo.ok('rollback', '--yes');
    const index = join(repo.dir, '.git/snapshot/cache/artifacts/index');
    const listed = execFileSync('git', ['ls-files', '--debug'], {
      cwd: repo.dir,
      encoding: 'utf8',
      env: { ...process.env, GIT_INDEX_FILE: index },
    });
    const { ino } = lstatSync(join(repo.root, 'still'));
    expect(listed).toMatch(new RegExp(`^still\\n(  .*\\n)*  dev: \\d+\\tino: ${ino % 2 ** 32}$`, 'm'));
  });

  it('puts nothing in place that is not what was signed, whatever it says the snapshot holds', async () => {
    const repo = await governedRepo();
    write(repo, 'a', '1');
    const { id } = await repo.take('-m', 'one');
    const { manifest } = await repo.json<{ manifest: string }>('snapshot', 'show', id);
    const [tag, tree] = ['', '^{tree}'].map((suffix) =>
      repo.git('rev-parse', `refs/snapshots/artifacts/${id}${suffix}`),
    );
    const scanned = async () => {
      write(repo, 'a', '2');
      const workdir = openWorkdir({
        root: repo.root,
        cacheDir: join(repo.dir, '.git/snapshot/cache/artifacts'),
        exclude: [],
        indexScanner: { differences: async () => [] },
        format: SHA1,
        // As this user, who could replace the program too.
        authenticator: async () =>
          openCacheAuthenticator(join(process.env['XDG_CONFIG_HOME'] ?? '', 'git-snapshot'), {
            gitDir: join(repo.dir, '.git'),
            set: 'artifacts',
          }),
      });
      const scan = await workdir.scan({ baselineAlive: () => true, full: true });
      const [entry] = scan.outcome === 'scanned' ? scan.entries : [];
      if (entry === undefined) throw new Error('nothing was scanned');
      return { workdir, entry };
    };
    // Only what was written in the very second of the scan is not vouched for, and read again.
    let { workdir, entry } = await scanned();
    while (entry.stat.ctimeSec !== Math.floor(Date.now() / 1000)) ({ workdir, entry } = await scanned());
    const { path, mode, stat } = entry;
    const sha256 = createHash('sha256').update('1').digest('hex');
    const other = repo.git('hash-object', '-w', '--', join(repo.root, 'a')) as Oid;
    const wrong = repo.git('hash-object', '-w', '--', fileURLToPath(import.meta.url)) as Oid;
    for (const [oid, code, after] of [
      [wrong, 6, '2'],
      // What is there already cannot have another content, so that is found out.
      [other, 0, '1'],
    ] as const) {
      const baseline = {
        tag: tag as Oid,
        tree: tree as Oid,
        manifest: manifest.replace('sha256:', ''),
        files: 1,
        bytes: 1,
      };
      await workdir.saveBaseline(baseline, [{ path, mode, stat, oid, sha256, size: 1 }], new Map());
      await repo.expect(code, ['rollback', '--yes', id]);
      expect(read(repo, 'a')).toBe(after);
    }
  });
});

describe('with --path', () => {
  it('puts back only what is asked for, and can be undone', async () => {
    const { repo, ids } = await threeSnapshots();
    write(repo, 'a', 'mine');
    write(repo, 'deep/extra');
    const before = look(repo.root);
    await repo.ok('rollback', '--yes', ids[0], '--path', 'deep');
    expect([read(repo, 'a'), read(repo, 'deep/b')]).toEqual(['mine', '1']);
    expect(existsSync(join(repo.root, 'deep/extra'))).toBe(false);
    await repo.ok('rollback', '--yes', '--undo');
    expect(look(repo.root)).toEqual(before);
  });

  it('does not take the whole directory for the snapshot', async () => {
    const { repo, ids } = await threeSnapshots();
    write(repo, 'a', '4');
    // Nothing to do below this path; `a` still differs from both snapshots.
    expect(await repo.json('rollback', '--yes', ids[2], '--path', 'deep')).toMatchObject({ outcome: 'nothing-to-do' });
    expect(await repo.json('snapshot', 'status')).toMatchObject({ clean: false, changes: [{ path: 'a' }] });
    expect(await repo.json('snapshot', 'create')).toMatchObject({ created: true });
    expect(await repo.json('snapshot', 'diff', ids[2], 'latest')).toMatchObject({ changes: [{ path: 'a' }] });
  });

  it('stops where something else is in the way', async () => {
    const repo = await governedRepo();
    write(repo, 'x/y/z');
    const { id } = await repo.take();
    rmSync(join(repo.root, 'x'), { recursive: true });
    write(repo, 'x', 'a file now');
    const before = look(repo.root);
    await repo.expect(5, ['rollback', '--yes', id, '--path', 'x/y/z']);
    expect(look(repo.root)).toEqual(before);
    await repo.ok('rollback', '--yes', id, '--path', 'x');
    expect(read(repo, 'x/y/z')).toBe('x/y/z');
  });
});

describe('with ignore rules', () => {
  it('leaves ignored files alone, whatever comes and goes around them', async () => {
    const repo = await governedRepo();
    write(repo, '.snapshotignore', '*.log\ncache/\n');
    write(repo, 'a');
    write(repo, 'logs/keep');
    const { id } = await repo.take();
    write(repo, 'logs/today.log', 'private');
    write(repo, 'cache/deep/x', 'private');
    write(repo, 'new/only.log', 'private');
    write(repo, 'new/other');
    rmSync(join(repo.root, 'logs/keep'));
    write(repo, 'a', 'changed');
    await repo.ok('rollback', '--yes', id);
    const files = look(repo.root).flatMap((line) => /^f \d+ \d+ (.*)/.exec(line)?.[1] ?? []);
    expect(files.sort()).toEqual([
      '.snapshotignore',
      'a',
      'cache/deep/x',
      'logs/keep',
      'logs/today.log',
      'new/only.log',
    ]);
    expect(read(repo, 'a')).toBe('a');
    const names = repo.git('ls-tree', '-r', '--name-only', `refs/snapshots/artifacts/${id}`).split('\n');
    expect(names).toEqual(['.snapshotignore', 'a', 'logs/keep']);
  });

  it('stops, with nothing changed, where an ignored path is in the way', async () => {
    const repo = await governedRepo();
    write(repo, 'build/out.bin');
    write(repo, 'a', 'old');
    const { id } = await repo.take();
    rmSync(join(repo.root, 'build'), { recursive: true });
    write(repo, 'build', 'an ignored file');
    write(repo, '.snapshotignore', 'build\n');
    write(repo, 'a', 'new');
    const before = traces(repo);
    const { stderr } = await repo.expect(5, ['rollback', '--yes', id]);
    expect(stderr).toContain("'build'");
    expect(traces(repo)).toEqual(before);
  });

  it("does not heed git's own ignore rules", async () => {
    const repo = await governedRepo();
    writeFileSync(join(repo.dir, '.gitignore'), '*\n');
    write(repo, '.gitignore', '*\n');
    write(repo, 'a');
    expect((await repo.take()).files).toBe(2);
  });
});

describe('with real content', () => {
  it('restores an unpacked package after it was wrecked', async () => {
    const repo = await governedRepo();
    cpSync(join(import.meta.dirname, '../../node_modules/zod'), repo.root, { recursive: true, verbatimSymlinks: true });
    const before = look(repo.root);
    const { id } = await repo.take();
    renameSync(join(repo.root, 'v4'), join(repo.root, 'v5'));
    rmSync(join(repo.root, 'v3'), { recursive: true });
    writeFileSync(join(repo.root, 'package.json'), '{}');
    const wrecked = look(repo.root);
    await repo.ok('rollback', '--yes');
    expect(look(repo.root)).toEqual(before);
    expect(await repo.json('snapshot', 'verify', '--all')).toMatchObject({ ok: true });
    await repo.ok('rollback', '--yes', '--undo');
    expect(look(repo.root)).toEqual(wrecked);
    await repo.ok('rollback', '--yes', id);
    expect(look(repo.root)).toEqual(before);
  });

  it('never runs filters, hooks or conversions that a checkout asks for', async () => {
    const repo = await governedRepo();
    const canary = join(tempDir(), 'ran');
    const attributes = '* text=auto eol=crlf ident filter=evil diff=evil merge=evil working-tree-encoding=UTF-16\n';
    for (const path of ['.gitattributes', 'artifacts/.gitattributes', '.git/info/attributes'])
      writeFileSync(join(repo.dir, path), attributes);
    const run = `sh -c 'touch ${canary}; cat'`;
    for (const key of [
      'filter.evil.clean',
      'filter.evil.smudge',
      'filter.evil.process',
      'diff.evil.textconv',
      'diff.evil.command',
      'core.fsmonitor',
      'core.sshCommand',
      'core.pager',
      'gpg.program',
    ]) {
      repo.git('config', key, run);
    }
    repo.git('config', 'filter.evil.required', 'true');
    repo.git('config', 'core.autocrlf', 'true');
    // But for reference-transaction, which may guard refs and so has a say.
    for (const hook of ['post-index-change', 'pre-auto-gc', 'post-checkout', 'pre-commit']) {
      writeFileSync(join(repo.dir, '.git/hooks', hook), `#!/bin/sh\ntouch ${canary}\n`, { mode: 0o755 });
    }
    write(repo, 'lf.txt', '$Id$\none\ntwo\n');
    write(repo, 'crlf.txt', '$Id$\r\none\r\n');
    write(repo, 'binary', '\0\r\n\xff');
    const before = look(repo.root);
    await repo.take();
    for (const path of ['lf.txt', 'crlf.txt', 'binary']) write(repo, path, 'wrecked\n');
    await repo.expect(1, ['snapshot', 'status']);
    await repo.ok('snapshot', 'diff', '-p');
    await repo.ok('rollback', '--yes');
    await repo.ok('snapshot', 'verify', '--all');
    expect(look(repo.root)).toEqual(before);
    expect(existsSync(canary)).toBe(false);
  });

  it('does not touch what links lead to', async () => {
    const repo = await governedRepo();
    write(repo, 'models/v1', 'one');
    write(repo, 'models/v2', 'two');
    symlinkSync('v1', join(repo.root, 'models/current'));
    symlinkSync('models', join(repo.root, 'dir-link'));
    const { id } = await repo.take();
    rmSync(join(repo.root, 'models/current'));
    symlinkSync('v2', join(repo.root, 'models/current'));
    await repo.ok('rollback', '--yes', id);
    expect(lstatSync(join(repo.root, 'models/current')).isSymbolicLink()).toBe(true);
    expect([read(repo, 'models/current'), read(repo, 'models/v2')]).toEqual(['one', 'two']);
  });
});

describe('taking a snapshot after a rollback', () => {
  it('keeps what an undo brought back, since the backup may be pruned', async () => {
    const repo = await governedRepo();
    writeFileSync(join(repo.root, 'a'), '1');
    await repo.take('-m', 'first');
    writeFileSync(join(repo.root, 'a'), '2');
    await repo.ok('rollback', '--yes');
    await repo.ok('rollback', '--undo', '--yes');
    const kept = await repo.take('-m', 'on second thoughts');
    expect(kept.labels).toEqual({});
    expect(await repo.ok('snapshot', '-m', 'again')).toContain(`nothing changed since ${kept.id}`);
  });
});
