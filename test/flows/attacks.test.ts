import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { tempGnupg } from '../support/gnupg.ts';
import { existing, type GovernedRepo, governedRepo, look, type SnapshotDocument } from '../support/governed-repo.ts';
import { tempDir } from '../support/temp-repo.ts';

// Somebody who can write to the repository, but has no key of the policy, tries to have another content rolled back to.
// `verify` must say no, by the right check, and `rollback` must refuse with nothing changed.

interface Scene {
  readonly repo: GovernedRepo;
  readonly good: SnapshotDocument;
}

async function scene(): Promise<Scene> {
  const repo = await governedRepo();
  writeFileSync(join(repo.root, 'a'), 'good\n');
  writeFileSync(join(repo.root, 'secret'), 'secret\n', { mode: 0o600 });
  const good = await repo.take('-m', 'good');
  writeFileSync(join(repo.root, 'a'), 'now\n');
  return { repo, good };
}

/** Stores an object of any bytes, as an attacker would: without git's checks. */
function store({ dir }: GovernedRepo, type: string, body: string | Buffer): string {
  const input = typeof body === 'string' ? Buffer.from(body, 'latin1') : body;
  return execFileSync('git', ['hash-object', '--literally', '-t', type, '-w', '--stdin'], {
    cwd: dir,
    input,
    encoding: 'utf8',
  }).trim();
}

function body({ dir }: GovernedRepo, type: string, oid: string): string {
  return execFileSync('git', ['cat-file', type, oid], { cwd: dir }).toString('latin1');
}

function treeOf(repo: GovernedRepo, items: readonly [mode: string, name: string, oid: string][]): string {
  return store(
    repo,
    'tree',
    Buffer.concat(
      items.map(([mode, name, oid]) => Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(oid, 'hex')])),
    ),
  );
}

/** The checks that say no, over everything. */
async function failures(repo: GovernedRepo, ...args: string[]): Promise<Set<string>> {
  const { code, stdout, stderr } = await repo.run([
    'snapshot',
    'verify',
    '--json',
    ...(args.length > 0 ? args : ['--all']),
  ]);
  if (code === 6) return new Set([stderr]);
  expect([0, 1], stderr).toContain(code);
  const { ok, results } = JSON.parse(stdout) as {
    ok: boolean;
    results: { checks: { check: string; ok: boolean }[] }[];
  };
  const failed = results.flatMap(({ checks }) => checks.filter((one) => !one.ok).map(({ check }) => check));
  expect([ok, code]).toEqual(failed.length === 0 ? [true, 0] : [false, 1]);
  return new Set(failed);
}

/** What cannot be seen before the content is read may cost a backup. */
async function expectRefusal({ repo }: Scene, id: string, backup = false): Promise<string> {
  const state = () => [look(repo.root), backup || repo.git('for-each-ref')];
  const before = state();
  let said = '';
  for (const words of [
    ['rollback', '--yes', id],
    ['snapshot', 'restore', '--yes', id],
  ]) {
    const { code, stderr } = await repo.run(words);
    expect(code, stderr).toBe(6);
    said += stderr;
  }
  expect(state()).toEqual(before);
  expect(existsSync(join(repo.dir, '.git/snapshot/replace/artifacts.journal'))).toBe(false);
  return said;
}

it('a good tag under the name of another snapshot', async () => {
  const { repo, good } = await scene();
  const other = good.ref.replace(/..$/, (end) => (end === '00' ? '11' : '00'));
  repo.git('update-ref', other, good.tag);
  expect(await failures(repo)).toEqual(new Set(['format']));
  await expectRefusal({ repo, good }, other.split('/').at(-1) ?? '');
});

it('names that are not ours, and refs to other things', async () => {
  const { repo, good } = await scene();
  repo.git('update-ref', 'refs/snapshots/artifacts/v1', good.tag);
  expect(await failures(repo)).toEqual(new Set(['ref']));
  repo.git('update-ref', '-d', 'refs/snapshots/artifacts/v1');
  for (const oid of [good.tree, repo.git('rev-parse', 'refs/notes/snapshots'), store(repo, 'blob', 'x')]) {
    const ref = 'refs/snapshots/artifacts/20200101T000000Z-000000000000';
    repo.git('update-ref', ref, oid);
    expect(await failures(repo)).toEqual(new Set(['format']));
    await expectRefusal({ repo, good }, '20200101T000000Z-000000000000');
  }
});

it('a tag of another repository of the same people', async () => {
  const { repo, good } = await scene();
  const { repo: other, good: foreign } = await scene();
  repo.git('fetch', '-q', other.dir, `${foreign.ref}:refs/x/y`);
  repo.git('update-ref', foreign.ref, foreign.tag);
  expect(await failures(repo, foreign.id)).toEqual(new Set(['repository', 'policy', 'log']));
  await expectRefusal({ repo, good }, foreign.id);
  // Even with its log.
  repo.git('fetch', '-q', other.dir, '+refs/notes/snapshots:refs/notes/snapshots');
  expect(await failures(repo, foreign.id)).toEqual(new Set(['repository', 'policy', 'log']));
  await expectRefusal({ repo, good }, foreign.id);
});

it('an older snapshot in the place of a newer one', async () => {
  const { repo, good } = await scene();
  const newer = await repo.take('-m', 'newer');
  repo.git('update-ref', newer.ref, good.tag);
  expect(await failures(repo)).toEqual(new Set(['format']));
  await expectRefusal({ repo, good }, newer.id);
});

it.each<[string, (tag: string) => string, string]>([
  ['without its signature', (tag) => tag.slice(0, tag.indexOf('-----BEGIN')), 'format'],
  ['with text after the signature', (tag) => `${tag}more\n`, 'format'],
  ['with a second signature', (tag) => tag + tag.slice(tag.indexOf('-----BEGIN')), 'format'],
  ['with a byte of the message changed', (tag) => tag.replace('\n\ngood\n', '\n\nevil\n'), 'signature'],
  ['with a trailer more', (tag) => tag.replace('Audit:', 'Auditor: x\nAudit:'), 'format'],
  ['with another mode', (tag) => tag.replace('Modes: 644', 'Modes: 666'), 'signature'],
  ['with a byte of the signature changed', (tag) => tag.replace(/(\n\n.{20})(.)/s, '$1_'), 'format'],
  ['with the signature of another tag', (tag) => tag, 'signature'],
])('a tag %s', async (what, change, check) => {
  const { repo, good } = await scene();
  const other = await repo.take('-m', 'other');
  const tag = body(repo, 'tag', good.ref);
  const at = tag.indexOf('-----BEGIN');
  const foreign = body(repo, 'tag', other.ref);
  const forged = what.endsWith('another tag')
    ? tag.slice(0, at) + foreign.slice(foreign.indexOf('-----BEGIN'))
    : change(tag);
  expect(forged).not.toBe(tag);
  repo.git('update-ref', good.ref, store(repo, 'tag', forged));
  expect([...(await failures(repo))]).toContain(check);
  await expectRefusal({ repo, good }, good.id);
  // It does not hide the others.
  expect(await failures(repo, other.id)).toEqual(new Set());
});

it('the policy of somebody else', async () => {
  const { repo, good } = await scene();
  const mallory = { XDG_CONFIG_HOME: tempDir() };
  const clone = existing(tempDir());
  clone.git('init', '-q', '-b', 'main');
  await clone.expect(0, ['snapshot', 'init', '--yes', '--no-passphrase', '--key', 'new'], { env: mallory });
  repo.git('fetch', '-q', clone.dir, '+refs/snapshot-policy/current:refs/snapshot-policy/current');
  for (const said of [...(await failures(repo)), await expectRefusal({ repo, good }, good.id)]) {
    expect(said).toMatch(/you have not said that you trust|is not the one that you trust/);
  }
});

it.each<[string, (repo: GovernedRepo) => string]>([
  [
    'a commit that is no event',
    (repo) => repo.git('commit-tree', '-p', 'refs/notes/snapshots', '-m', 'hello', 'refs/notes/snapshots^{tree}'),
  ],
  [
    'an event that nobody signed',
    (repo) => {
      const tip = body(repo, 'commit', 'refs/notes/snapshots');
      const [, json = ''] = /\n\n[^\n]+\n\n(.*)\n$/s.exec(tip) ?? [];
      const seq = (JSON.parse(json) as { seq: number }).seq;
      return store(
        repo,
        'commit',
        tip
          .replace(/\nparent .{40}/, `\nparent ${repo.git('rev-parse', 'refs/notes/snapshots')}`)
          .replace(`"seq":${seq}`, `"seq":${seq + 1}`),
      );
    },
  ],
  [
    'a merge',
    (repo) =>
      repo.git(
        'commit-tree',
        '-p',
        'refs/notes/snapshots',
        '-p',
        'refs/notes/snapshots~1',
        '-m',
        'x',
        'refs/notes/snapshots^{tree}',
      ),
  ],
])('a log with %s on top', async (_, make) => {
  const { repo, good } = await scene();
  repo.git('update-ref', 'refs/notes/snapshots', make(repo));
  expect(await failures(repo)).toEqual(new Set(['log']));
  await expectRefusal({ repo, good }, good.id);
  const before = repo.git('for-each-ref');
  await repo.expect(6, ['snapshot', 'create']);
  expect(repo.git('for-each-ref')).toBe(before);
  expect((await repo.run(['snapshot', 'log'])).stderr).toContain(repo.git('rev-parse', 'refs/notes/snapshots'));
});

it('a log that is cut off, or gone', async () => {
  const { repo, good } = await scene();
  repo.git('update-ref', 'refs/notes/snapshots', 'refs/notes/snapshots~1');
  expect(await failures(repo)).toEqual(new Set(['log']));
  await expectRefusal({ repo, good }, good.id);
  repo.git('update-ref', '-d', 'refs/notes/snapshots');
  expect(await failures(repo)).toEqual(new Set(['log']));
  await expectRefusal({ repo, good }, good.id);
  // Nobody begins another.
  const before = repo.git('for-each-ref');
  const { stderr } = await repo.expect(6, ['snapshot', 'create', '--force']);
  expect(stderr).toContain('the audit log is gone');
  expect(repo.git('for-each-ref')).toBe(before);
  expect((await repo.expect(0, ['snapshot', 'log'])).stderr).toContain('the audit log is gone');
  repo.git('update-ref', '-d', good.ref);
  expect(await failures(repo)).toEqual(new Set(['log']));
});

it('a snapshot that is gone', async () => {
  const { repo, good } = await scene();
  const other = await repo.take('-m', 'other');
  repo.git('update-ref', '-d', good.ref);
  expect(await failures(repo)).toEqual(new Set(['ref']));
  const { results } = await repo.json<{ results: { id: string; ok: boolean; checks: { detail: string }[] }[] }>(
    'snapshot',
    'verify',
    '--all',
    '--quick',
  );
  expect(results.filter(({ ok }) => !ok)).toMatchObject([
    { id: good.id, checks: [{ detail: 'event 2 tells of it, and its ref is gone' }] },
  ]);
  repo.git('update-ref', '-d', other.ref);
  expect(await failures(repo)).toEqual(new Set(['ref']));
});

it('a newest snapshot that nobody signed is passed over, with a warning, unless it is named', async () => {
  const { repo, good } = await scene();
  const other = await repo.take('-m', 'other');
  repo.git(
    'update-ref',
    other.ref,
    store(repo, 'tag', body(repo, 'tag', other.ref).replace('\n\nother\n', '\n\nevil!\n')),
  );
  for (const words of [['rollback', 'latest'], ['rollback'], ['rollback', 'current']]) {
    const { stderr, stdout } = await repo.expect(0, [...words, '--dry-run', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ to: good.id });
    expect(stderr).toContain(`'${other.ref}' is passed over`);
  }
  await repo.expect(6, ['rollback', '--dry-run', other.id]);
});

it('a blob that is gone, and one with a bit flipped', async () => {
  for (const damage of ['gone', 'flipped']) {
    const { repo, good } = await scene();
    const oid = repo.git('rev-parse', `${good.ref}:a`);
    const file = join(repo.dir, '.git/objects', oid.slice(0, 2), oid.slice(2));
    if (damage === 'gone') rmSync(file);
    else {
      chmodSync(file, 0o644);
      writeFileSync(
        file,
        execFileSync('node', ['-e', "process.stdout.write(require('zlib').deflateSync('blob 5\\0evil\\n'))"]),
      );
    }
    expect(await failures(repo)).toEqual(new Set(['content']));
    await expectRefusal({ repo, good }, good.id, true);
  }
});

it('a bit flipped anywhere in a pack', async () => {
  const { repo } = await scene();
  for (let i = 0; i < 200; i++) writeFileSync(join(repo.root, `f${i}`), `content ${i} `.repeat(50));
  const good = await repo.take('-m', 'many');
  for (let i = 0; i < 200; i++) writeFileSync(join(repo.root, `f${i}`), 'x');
  const dir = join(repo.dir, '.git/objects/pack');
  const pack = join(dir, readdirSync(dir).find((name) => name.endsWith('.pack')) ?? 'none');
  const bytes = readFileSync(pack);
  chmodSync(pack, 0o644);
  for (let i = 1; i <= 6; i++) {
    const at = Math.floor((bytes.length * i) / 7);
    const file = openSync(pack, 'r+');
    writeSync(file, Buffer.from([(bytes[at] ?? 0) ^ 0x10]), 0, 1, at);
    const failed = await failures(repo, good.id);
    expect(failed.size, `byte ${at}`).toBeGreaterThan(0);
    await expectRefusal({ repo, good }, good.id, true);
    writeSync(file, bytes, at, 1, at);
    closeSync(file);
  }
  expect(await failures(repo)).toEqual(new Set());
});

it('trees that would write elsewhere', async () => {
  const { repo, good } = await scene();
  const blob = store(repo, 'blob', 'evil\n');
  const link = store(repo, 'blob', '/etc');
  const inner = treeOf(repo, [['100644', 'passwd', blob]]);
  const trees = [
    treeOf(repo, [['40000', '..', inner]]),
    treeOf(repo, [['40000', '.git', inner]]),
    treeOf(repo, [['100644', '.GIT', blob]]),
    treeOf(repo, [['100644', 'a/b', blob]]),
    treeOf(repo, [['100644', '', blob]]),
    treeOf(repo, [
      ['120000', 'x', link],
      ['40000', 'x', inner],
    ]),
    treeOf(repo, [['160000', 'sub', repo.git('rev-parse', 'refs/notes/snapshots')]]),
    treeOf(repo, [
      ['100644', 'b', blob],
      ['100644', 'a', blob],
    ]),
  ];
  const tag = body(repo, 'tag', good.ref);
  for (const tree of trees) {
    repo.git('update-ref', good.ref, store(repo, 'tag', tag.replace(good.tree, tree)));
    const failed = await failures(repo);
    expect([...failed].sort(), tree).toEqual(['log', 'signature', 'tree']);
    await expectRefusal({ repo, good }, good.id);
  }
});

it('a forged snapshot of what is there, to be taken for the backup', async () => {
  const { repo, good } = await scene();
  // Whoever can push may know what a directory holds: a manifest and a tree are no secrets.
  const clone = existing(tempDir());
  execFileSync('cp', ['-r', `${repo.dir}/.`, clone.dir]);
  const real = await clone.take('-m', 'real');
  repo.git('fetch', '-q', clone.dir, `${real.ref}:refs/x/y`);
  const forged = store(repo, 'tag', body(repo, 'tag', real.tag).replace('\n\nreal\n', '\n\nfake\n'));
  repo.git('update-ref', real.ref, forged);
  const before = look(repo.root);
  await repo.ok('rollback', '--yes', good.id);
  await repo.ok('rollback', '--yes', '--undo');
  expect(look(repo.root)).toEqual(before);
});

it('a symbolic ref, a replaced object and a graft', async () => {
  const { repo, good } = await scene();
  const forged = store(repo, 'tag', body(repo, 'tag', good.ref).replace('\n\ngood\n', '\n\nevil\n'));
  repo.git('replace', '-f', good.tag, forged);
  repo.git('replace', '-f', repo.git('rev-parse', `${good.ref}:a`), store(repo, 'blob', 'evil\n'));
  expect(await failures(repo)).toEqual(new Set());
  await repo.ok('rollback', '--yes', good.id);
  expect(readFileSync(join(repo.root, 'a'), 'utf8')).toBe('good\n');
  repo.git('symbolic-ref', 'refs/snapshots/artifacts/20200101T000000Z-000000000000', good.ref);
  expect((await failures(repo)).size).toBeGreaterThan(0);
});

it('links that lead out, in the directory itself', async () => {
  const { repo } = await scene();
  for (const target of ['/etc', '..', '../.git', 'x/../../y']) {
    execFileSync('ln', ['-sfn', target, join(repo.root, 'link')]);
    const before = repo.git('for-each-ref');
    expect((await repo.expect(3, ['snapshot', 'create'])).stderr).toContain('link');
    expect(repo.git('for-each-ref')).toBe(before);
  }
});

it('a snapshot by a key that the policy does not have', async () => {
  const { repo, good } = await scene();
  const mallory = { XDG_CONFIG_HOME: tempDir() };
  const hers = existing(tempDir());
  hers.git('init', '-q', '-b', 'main');
  await hers.expect(0, ['snapshot', 'init', '--yes', '--no-passphrase', '--key', 'new'], { env: mallory });
  const [keyFile = ''] = readdirSync(join(mallory.XDG_CONFIG_HOME, 'git-snapshot/keys'));
  const gnupg = tempGnupg();
  gnupg.gpg(['--import', join(mallory.XDG_CONFIG_HOME, 'git-snapshot/keys', keyFile)]);
  const tag = body(repo, 'tag', good.ref);
  const payload = tag.slice(0, tag.indexOf('-----BEGIN'));
  repo.git('update-ref', good.ref, store(repo, 'tag', payload + gnupg.gpg(['--armor', '--detach-sign'], payload)));
  expect(await failures(repo)).toEqual(new Set(['signature', 'log']));
  await expectRefusal({ repo, good }, good.id);
});
