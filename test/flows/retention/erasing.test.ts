import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type GovernedRepo, look } from '../../support/governed-repo.ts';
import { adaAndBen, FIRST } from '../../support/people.ts';
import { expectSound, has, keeping, listed, refsBelow, takeNumber } from './keeping.ts';

interface Erasure {
  readonly outcome: string;
  readonly snapshots: readonly { readonly id: string }[];
  readonly refs: readonly string[];
  readonly agreed: readonly string[];
  readonly needed: number;
  readonly report: null | {
    readonly objects: number;
    readonly purged: number;
    readonly shared: readonly { readonly oid: string; readonly by: string }[];
    readonly left: readonly string[];
    readonly remotes: readonly { readonly name: string; readonly url: string }[];
  };
}

const SECRET = 'hunter2-is-my-password';
const idsOf = (snapshots: readonly { id: string }[]) => snapshots.map(({ id }) => id);
const nameOf = (repo: GovernedRepo, content: string) =>
  execFileSync('git', ['hash-object', '--stdin'], { cwd: repo.dir, input: content, encoding: 'utf8' }).trim();

/** Files below the git directory that hold these bytes, as they are or inflated. */
function holders(repo: GovernedRepo, bytes: string): string[] {
  const files = readdirSync(join(repo.dir, '.git'), { recursive: true, withFileTypes: true });
  return files
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath, file.name))
    .filter((file) => {
      const raw = readFileSync(file);
      if (raw.includes(bytes)) return true;
      try {
        return inflateSync(raw).includes(bytes);
      } catch {
        return false;
      }
    })
    .map((file) => file.slice(repo.dir.length + '/.git/'.length));
}

/** No object of these is there, reachable or not. */
function expectGone(repo: GovernedRepo, oids: readonly string[]): void {
  const all = repo.git('cat-file', '--batch-all-objects', '--batch-check=%(objectname)').split('\n');
  const reached = repo.git('rev-list', '--objects', '--all', '--reflog').split('\n');
  for (const oid of oids) {
    expect(all).not.toContain(oid);
    expect(reached.filter((line) => line.startsWith(oid))).toEqual([]);
  }
}

describe('erase', () => {
  test.each([
    ['loose', () => {}],
    ['packed', (repo: GovernedRepo) => repo.git('gc', '-q')],
    ['packed, in a cruft pack too', (repo: GovernedRepo) => repo.git('-c', 'gc.cruftPacks=true', 'gc', '-q')],
  ] as const)('takes out everything that nothing else needs, and nothing else (%s)', async (_, pack) => {
    const { repo, taken, day } = await keeping(3);
    writeFileSync(join(repo.root, 'secret'), SECRET);
    writeFileSync(join(repo.root, 'published'), 'on a branch');
    const bad = await takeNumber(day(3), 3);
    rmSync(join(repo.root, 'secret'));
    rmSync(join(repo.root, 'published'));
    await takeNumber(day(4), 4);
    // What the user has besides: a branch with one of the files, and a stash that was dropped.
    writeFileSync(join(repo.dir, 'published'), 'on a branch');
    repo.git('add', 'published');
    repo.git('commit', '-q', '-m', 'base');
    writeFileSync(join(repo.dir, 'published'), 'stashed');
    repo.git('stash', '-q');
    const stash = repo.git('rev-parse', 'stash');
    repo.git('stash', 'drop', '-q');
    pack(repo);
    const [own, secret] = ['number 3\n', SECRET].map((content) => nameOf(repo, content)) as [string, string];
    for (const oid of [bad.tag, bad.tree, own, secret]) expect(has(repo, oid)).toBe(true);

    const refs = repo.git('for-each-ref');
    const planned = await day(5).json<Erasure>('snapshot', 'erase', bad.id, '--dry-run');
    expect(planned).toMatchObject({ outcome: 'planned', refs: [bad.ref], agreed: [FIRST], needed: 1, report: null });
    expect((await day(5).run(['snapshot', 'erase', bad.id, '-m', 'x'])).code).not.toBe(0);
    expect((await day(5).run(['snapshot', 'erase', bad.id, '--yes'])).code).toBe(2);
    expect((await day(5).run(['snapshot', 'erase', '--yes', '-m', 'x'])).code).toBe(2);
    expect(repo.git('for-each-ref')).toBe(refs);

    repo.git('remote', 'add', 'origin', 'https://example.org/x.git');
    const { report, outcome } = await day(5).json<Erasure>('snapshot', 'erase', bad.id, '--yes', '-m', 'leaked');
    expect(outcome).toBe('erased');
    expect(report).toMatchObject({ left: [], remotes: [{ name: 'origin', url: 'https://example.org/x.git' }] });
    expect(report?.shared).toEqual(
      expect.arrayContaining([
        { oid: nameOf(repo, 'on a branch'), by: 'a branch, a tag, the index or a reflog' },
        { oid: nameOf(repo, 'the same\n'), by: `artifacts/${taken[0]?.id}` },
      ]),
    );
    expect(report?.objects).toBe((report?.purged ?? 0) + (report?.shared.length ?? 0));
    expectGone(repo, [bad.tag, bad.tree, own, secret]);
    expect(holders(repo, SECRET)).toEqual([]);
    expect(has(repo, stash)).toBe(true);
    expect(has(repo, repo.git('rev-parse', `${stash}:published`))).toBe(true);
    expect(repo.git('cat-file', 'blob', 'HEAD:published')).toBe('on a branch');
    await expectSound(day(5));
    expect(repo.git('notes', '--ref=snapshots', 'show', bad.tag)).toContain('erase: artifacts: 1 snapshot: leaked');
    expect(await day(5).json('snapshot', 'log', '--type', 'erase')).toMatchObject([
      { event: { snapshots: [{ id: bad.id, tag: bad.tag, payload: bad.payload }], reason: 'leaked' } },
    ]);
    // Again: nothing is there any more.
    expect((await day(5).run(['snapshot', 'erase', bad.id, '--yes', '-m', 'x'])).code).toBe(4);
    expect(await day(5).json('snapshot', 'erase', '--purge')).toMatchObject({ report: { objects: 0, left: [] } });
  });

  test('of what is in the directory: it is taken anew, whole', async () => {
    const { repo, taken, day } = await keeping(2);
    const { id } = taken[1] ?? { id: '' };
    await day(2).ok('snapshot', 'erase', id, '--yes', '-m', 'x');
    expectGone(repo, [nameOf(repo, 'number 1\n')]);
    await day(3).expect(1, ['snapshot', 'status']);
    await day(3).ok('snapshot', 'diff', taken[0]?.id ?? '');
    const before = look(repo.root);
    const again = await day(3).take('-m', 'again');
    await expectSound(day(3));
    await day(4).ok('rollback', '--yes', taken[0]?.id ?? '');
    await day(5).ok('rollback', '--yes', again.id);
    expect(look(repo.root)).toEqual(before);
    await expectSound(day(5));
  });

  test('of content: every snapshot that has it, under any name and in the trash', async () => {
    const { repo, taken, day } = await keeping(2, { retention: { keepLast: 1 }, environments: { staging: {} } });
    writeFileSync(join(repo.root, 'key.pem'), SECRET);
    const first = await takeNumber(day(2), 2);
    rmSync(join(repo.root, 'key.pem'));
    writeFileSync(join(repo.root, 'copy of key'), SECRET);
    const second = await takeNumber(day(3), 3);
    await day(3).ok('snapshot', 'promote', first.id, 'staging', '--yes', '-m', 'x');
    await day(3).ok('snapshot', 'promote', second.id, 'staging', '--yes', '-m', 'x');
    rmSync(join(repo.root, 'copy of key'));
    const clean = await takeNumber(day(4), 4);
    const pruned = await day(4).json<{ remove: { id: string }[] }>('snapshot', 'prune', '--apply', '--yes');
    expect(idsOf(pruned.remove).sort()).toEqual(idsOf(taken));
    await day(4).ok('snapshot', 'undelete', ...idsOf(taken));
    const live = await day(5).run(['snapshot', 'erase', first.id, '--path', 'key.pem', '--yes', '-m', 'leaked']);
    expect([live.code, live.stderr]).toEqual([5, expect.stringContaining(`${second.id}, which is live in staging`)]);
    await day(5).ok('snapshot', 'promote', clean.id, 'staging', '--yes', '-m', 'x');
    await day(6).ok('snapshot', 'hold', second.id, '--case', 'audit', '-m', 'x', '--until', '1d');
    expect((await day(6).run(['snapshot', 'erase', first.id, '--path', 'none', '--dry-run'])).code).toBe(4);
    const { report, snapshots, refs } = await day(300).json<Erasure>(
      'snapshot',
      'erase',
      first.id,
      '--path',
      'key.pem',
      '--yes',
      '-m',
      'leaked',
    );
    expect(idsOf(snapshots)).toEqual([first.id, second.id]);
    expect(refs).toEqual([
      first.ref,
      second.ref,
      'refs/promotions/artifacts/staging/1',
      'refs/promotions/artifacts/staging/2',
      `refs/holds/artifacts/${second.id}/audit`,
    ]);
    expect(report?.left).toEqual([]);
    expect(holders(repo, SECRET)).toEqual([]);
    expect(refsBelow(repo, 'refs/promotions/artifacts/staging/')).toEqual(['3']);
    expect(await listed(repo)).toEqual([...idsOf(taken), clean.id]);
    await expectSound(day(300));
  });

  test('says what is left, and where it may be', async () => {
    const { repo, taken, day } = await keeping(2);
    repo.git('repack', '-q', '-a', '-d');
    for (const name of readdirSync(join(repo.dir, '.git/objects/pack')))
      if (name.endsWith('.pack'))
        writeFileSync(join(repo.dir, '.git/objects/pack', name.replace('.pack', '.keep')), '');
    const run = await day(2).run(['snapshot', 'erase', taken[0]?.id ?? '', '--yes', '-m', 'x', '--markdown']);
    expect(run.code, run.stderr).toBe(1);
    expect(run.stdout).toMatch(/^# Erasure: artifacts\n/);
    expect(run.stdout).toContain(`- left: \`${taken[0]?.tag}\``);
    for (const name of readdirSync(join(repo.dir, '.git/objects/pack')))
      if (name.endsWith('.keep')) rmSync(join(repo.dir, '.git/objects/pack', name));
    const { report } = await day(2).json<Erasure>('snapshot', 'erase', '--purge');
    expect(report?.left).toEqual([]);
    expectGone(repo, [taken[0]?.tag ?? '', taken[0]?.tree ?? '']);
    await expectSound(day(2));
  });
});

test('with a threshold, one asks and another does it; other clones purge what they have', async () => {
  const { ada, ben } = await adaAndBen({ threshold: 1 });
  await ada.write((policy) => {
    policy.roles['pruner'] = { people: [FIRST, 'ben'], threshold: 2 };
  });
  await ada.ok('snapshot', 'policy', 'apply', '--yes');
  writeFileSync(join(ada.root, 'secret'), SECRET);
  const bad = await takeNumber(ada, 1);
  rmSync(join(ada.root, 'secret'));
  const good = await takeNumber(ada, 2);
  const other = await takeNumber(ada, 3);
  ben.pull(ada);
  const asked = await ada.json<Erasure>('snapshot', 'erase', bad.id, other.id, '--yes', '-m', 'leaked');
  expect(asked).toMatchObject({ outcome: 'asked', agreed: [FIRST], needed: 2, refs: [], report: null });
  const twice = await ada.run(['snapshot', 'erase', bad.id, other.id, '--yes', '-m', 'leaked']);
  expect([twice.code, twice.stderr]).toEqual([5, expect.stringContaining('has asked for this already')]);
  await expectSound(ada);
  ben.pull(ada);
  // Something else is another question.
  expect(await ben.json('snapshot', 'erase', bad.id, '--dry-run')).toMatchObject({ agreed: ['ben'] });
  const done = await ben.json<Erasure>('snapshot', 'erase', other.id, bad.id, '--yes', '-m', 'leaked');
  expect(done).toMatchObject({ outcome: 'erased', agreed: [FIRST, 'ben'], report: { left: [] } });
  expect(holders(ben, SECRET)).toEqual([]);
  await expectSound(ben);
  // A copy of what the other had, as a fetch of ours keeps it.
  ada.git('update-ref', 'refs/snapshot-remotes/ben/snapshots/artifacts/x', bad.tag);
  ada.pull(ben);
  expect(has(ada, bad.tag)).toBe(true);
  const purged = await ada.json<Erasure>('snapshot', 'erase', '--purge');
  expect(purged).toMatchObject({ outcome: 'erased', report: { left: [] } });
  expectGone(ada, [bad.tag, bad.tree, other.tag, nameOf(ada, SECRET)]);
  expect(holders(ada, SECRET)).toEqual([]);
  expect(await listed(ada)).toEqual([good.id]);
  await expectSound(ada);
});

test('nothing of ours in the git directory keeps what was erased but what was said of it in the log', async () => {
  const { repo, day } = await keeping(1);
  writeFileSync(join(repo.root, 'secret'), SECRET);
  writeFileSync(join(repo.root, `name-${SECRET}`), 'x');
  const { id } = await day(2).take('-m', `subject-${SECRET}`, '-l', `label=${SECRET}`);
  await day(2).ok('snapshot', 'list');
  await day(2).ok('snapshot', 'status');
  await day(2).ok('snapshot', 'verify', '--all');
  writeFileSync(join(repo.root, 'secret'), `changed ${SECRET}`);
  rmSync(join(repo.root, 'secret'));
  rmSync(join(repo.root, `name-${SECRET}`));
  await takeNumber(day(3), 3);
  await day(3).ok('snapshot', 'list');
  await day(4).ok('snapshot', 'erase', id, '--yes', '-m', 'leaked');
  const left = holders(repo, SECRET);
  const commit = repo.git('log', '--format=%H', '--grep', SECRET, 'refs/notes/snapshots').split('\n');
  const isOfLog = (file: string) => {
    const oid = file.replace(/^objects\//, '').replace('/', '');
    return repo
      .git('rev-list', '--objects', 'refs/notes/snapshots')
      .split('\n')
      .some((line) => line.startsWith(oid));
  };
  expect(commit).toHaveLength(1);
  expect(left.filter((file) => !isOfLog(file))).toEqual([]);
});
