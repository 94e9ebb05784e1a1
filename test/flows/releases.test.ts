import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { tellStays } from '../../src/flows/rollback/tell-stays.ts';
import { fsck, type GovernedRepo, governedRepo, look } from '../support/governed-repo.ts';

// A set whose policy says `layout: releases`, by the commands that people type.

async function setLayout(repo: GovernedRepo, fields: Record<string, unknown>): Promise<void> {
  await writeLayout(repo, fields);
  await repo.ok('snapshot', 'policy', 'apply', '--yes');
}

async function writeLayout(repo: GovernedRepo, fields: Record<string, unknown>): Promise<void> {
  const policy = parse(await repo.ok('snapshot', 'policy', 'show', '--yaml'));
  const { path, exclude } = policy.sets.artifacts;
  policy.sets.artifacts = { path, exclude, ...fields };
  mkdirSync(join(repo.dir, '.snapshots'), { recursive: true });
  writeFileSync(join(repo.dir, '.snapshots/policy.yaml'), stringify(policy));
}

interface Scene {
  readonly repo: GovernedRepo;
  readonly first: string;
  readonly old: string[];
  readonly changed: string[];
}

/** Two states, of which the first is a snapshot and the second is there now, in a plain directory. */
async function scene(fields: Record<string, unknown> = {}): Promise<Scene> {
  const repo = await governedRepo();
  writeFileSync(join(repo.dir, '.gitignore'), '/artifacts\n/.snapshots\n');
  mkdirSync(join(repo.root, 'deep/er'), { recursive: true });
  for (const path of ['one', 'deep/two', 'deep/er/three']) writeFileSync(join(repo.root, path), `old ${path}\n`);
  writeFileSync(join(repo.root, '.snapshotignore'), '*.log\n');
  symlinkSync('one', join(repo.root, 'link'));
  const old = look(repo.root);
  const { id } = await repo.take('-m', 'first');
  writeFileSync(join(repo.root, 'one'), 'new one\n');
  rmSync(join(repo.root, 'deep/er'), { recursive: true });
  mkdirSync(join(repo.root, 'hollow'));
  const changed = look(repo.root);
  await setLayout(repo, { layout: 'releases', ...fields });
  return { repo, first: id, old, changed };
}

const releases = ({ dir }: GovernedRepo) =>
  readdirSync(join(dir, '.artifacts.releases')).filter((name) => name !== '.gitignore');
const live = (repo: GovernedRepo) => look(realpathSync(repo.root));

it('the first rollback makes the directory a release, and everything works through the link', async () => {
  const { repo, first, old, changed } = await scene();
  expect(lstatSync(repo.root).isDirectory()).toBe(true);
  expect(existsSync(join(repo.dir, '.artifacts.releases'))).toBe(false);
  const plan = await repo.json<object>('rollback', '--dry-run', first);
  expect(plan).toMatchObject({ outcome: 'planned', changes: { created: 1, replaced: 1, deleted: 1 } });
  expect([lstatSync(repo.root).isDirectory(), look(repo.root)]).toEqual([true, changed]);

  await repo.ok('rollback', '--yes', first);
  expect(readlinkSync(repo.root)).toBe(`.artifacts.releases/000002-${first}`);
  expect(live(repo)).toEqual(old);
  expect(look(join(repo.dir, '.artifacts.releases', releases(repo)[0] ?? ''))).toEqual(changed);
  expect(repo.git('status', '--porcelain', '-uall')).toBe('?? .gitignore');
  expect(await repo.ok('snapshot', 'status')).toContain('nothing changed, the directory is the snapshot');
  expect(await repo.ok('snapshot', 'create')).toContain('nothing changed');

  // In place, through the link: as ever.
  writeFileSync(join(repo.root, 'one'), 'third\n');
  const { changes } = await repo.json<{ changes: { path: string }[] }>('snapshot', 'diff');
  expect(changes.map(({ path }) => path)).toEqual(['one']);
  const third = live(repo);
  const { id } = await repo.take('-m', 'third');
  const before = realpathSync(repo.root);
  await repo.ok('rollback', '--yes', '--path', 'one', first);
  expect(realpathSync(repo.root)).not.toBe(before);
  expect(live(repo)).toEqual(old);
  expect(look(before)).toEqual(third);
  await repo.ok('rollback', '--undo', '--yes');
  expect(live(repo)).toEqual(third);
  // The first two are gone; the policy says nothing, so three stay.
  expect(releases(repo)).toEqual([`000002-${first}`, `000003-${first}`, `000004-${id}`]);
  expect(await repo.json('snapshot', 'verify', '--all')).toMatchObject({ ok: true });
  expect(fsck(repo.dir)).toBe('');
});

it('a checkup finds a link that git does not ignore, and a layout that the policy does not have', async () => {
  const { repo, first } = await scene();
  await repo.ok('rollback', '--yes', first);
  const directory = async (code: number) => {
    const { stdout } = await repo.expect(code, ['snapshot', 'doctor', '--json']);
    const { checks } = JSON.parse(stdout) as { checks: { check: string; verdict: string; hint: string | null }[] };
    return checks.find(({ check }) => check === 'directory of artifacts');
  };
  expect(await directory(0)).toMatchObject({ verdict: 'ok' });
  writeFileSync(join(repo.dir, '.gitignore'), '/artifacts/\n/.snapshots\n');
  expect(await directory(0)).toMatchObject({ verdict: 'note', hint: expect.stringContaining('"/artifacts"') });
  await setLayout(repo, {});
  expect((await repo.run(['snapshot', 'status'])).code).toBe(3);
  expect(await directory(1)).toMatchObject({ verdict: 'wrong', hint: expect.stringMatching(/"rm '.*' && mv /) });
});

it.runIf(process.platform === 'linux')(
  'a release that had to stay goes with the next command that may remove it',
  async () => {
    const { repo, first } = await scene({ keepReleases: 1 });
    const inside = spawn('sh', ['-c', 'read line; echo "$line" >"late file"'], {
      cwd: join(repo.root, 'deep'),
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    await repo.ok('rollback', '--yes', first);
    const surplus = async () => {
      const { checks } = JSON.parse(await repo.ok('snapshot', 'doctor', '--json')) as {
        checks: { check: string; detail: string; hint: string | null }[];
      };
      return checks.find(({ check }) => check === 'releases of artifacts');
    };
    expect(await surplus()).toMatchObject({
      verdict: 'note',
      detail: expect.stringMatching(
        /\/000001-\S+' is one too many, and stays while programs are at work in it: sh \(\d+\)$/,
      ),
      hint: expect.stringContaining('once they have ended'),
    });
    inside.stdin.end('written late\n');
    await once(inside, 'exit');
    expect(await surplus()).toMatchObject({ detail: expect.stringMatching(/is one too many$/) });
    const { stderr } = await repo.expect(0, ['rollback', '--yes']);
    expect(stderr).toMatch(
      /^warning: what was written to 'deep\/late file' of an old release is kept in '.*\/rescued\/.*'$/m,
    );
    expect(releases(repo)).toHaveLength(1);
    expect(await surplus()).toBeUndefined();
  },
);

it('restoring what is there already makes a plain directory a release, and no more than that', async () => {
  const { repo, changed } = await scene({ keepReleases: 2 });
  const { id } = await repo.take('-m', 'second');
  await repo.ok('snapshot', 'restore', '--yes', id);
  expect(releases(repo)).toEqual([`000001-${id}`, `000002-${id}`]);
  expect(live(repo)).toEqual(changed);
  const [last] = await repo.json<{ event: object }[]>('snapshot', 'log', '--type', 'rollback');
  expect(last?.event).toMatchObject({ outcome: 'applied', changes: { created: 0, replaced: 0, deleted: 0, modes: 0 } });
  expect(await repo.ok('snapshot', 'restore', '--yes', id)).toMatch(/nothing to do|already/i);
  expect(releases(repo)).toEqual([`000001-${id}`, `000002-${id}`]);
});

it('ignored files go along, and a log that is open goes on', async () => {
  const { repo, first } = await scene({ keepReleases: 1 });
  writeFileSync(join(repo.root, 'deep/today.log'), 'line 1\n');
  await repo.ok('rollback', '--yes', first);
  appendFileSync(join(repo.root, 'deep/today.log'), 'line 2\n');
  await repo.ok('rollback', '--undo', '--yes');
  expect(readFileSync(join(repo.root, 'deep/today.log'), 'utf8')).toBe('line 1\nline 2\n');
  expect(releases(repo)).toHaveLength(1);
  expect(existsSync(join(repo.dir, '.git/snapshot/rescued'))).toBe(false);
});

it.runIf(process.platform === 'linux')('a release that a program is at work in stays, and is named', async () => {
  const { repo, first } = await scene({ keepReleases: 1 });
  const inside = spawn('sh', ['-c', 'read line; echo "$line" >"late file"'], {
    cwd: join(repo.root, 'deep'),
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const { stderr } = await repo.expect(0, ['rollback', '--yes', first]);
  expect(stderr).toMatch(/^warning: '[^']*\/000001-[^']*' is not removed: at work in it: sh \(\d+\)\./m);
  expect(releases(repo)).toHaveLength(2);
  inside.stdin.end('written late\n');
  await once(inside, 'exit');
  const { rescued } = await repo.json<{ rescued: { path: string; keptAs: string }[] }>('rollback', '--undo', '--yes');
  expect(rescued.map(({ path, keptAs }) => [path, readFileSync(keptAs, 'utf8')])).toEqual([
    ['deep/late file', 'written late\n'],
  ]);
  expect(releases(repo)).toHaveLength(1);
});

it('what somebody unseen goes on writing to is named, with what to do', () => {
  const notes: string[] = [];
  tellStays(
    { note: (text) => notes.push(text) },
    { files: [], stays: [{ path: '/r/x', programs: [], goesLater: false }] },
  );
  expect(notes).toEqual([
    "warning: '/r/x' is not removed: something that cannot be seen went on writing to it. Stop that, take out what you need, and remove the rest",
  ]);
});

it('a rehearsal switches releases in its copy, and touches none of the real ones', async () => {
  const { repo, first, changed } = await scene();
  expect(await repo.json('snapshot', 'rehearse', first)).toMatchObject({ verdict: 'pass' });
  expect([lstatSync(repo.root).isDirectory(), look(repo.root)]).toEqual([true, changed]);
  await repo.ok('rollback', '--yes', first);
  const before = [readlinkSync(repo.root), releases(repo), live(repo)];
  await repo.ok('snapshot', 'rehearse', '--sample', '2');
  expect([readlinkSync(repo.root), releases(repo), live(repo)]).toEqual(before);
});

it('one who takes the layout out of the policy again is told the way back, and it works', async () => {
  const { repo, first, old } = await scene();
  await repo.ok('rollback', '--yes', first);
  await setLayout(repo, {});
  for (const words of [
    ['snapshot', 'status'],
    ['snapshot', 'create'],
    ['rollback', '--yes', first],
  ]) {
    const { stderr } = await repo.expect(3, words);
    expect(stderr, words.join(' ')).toContain("is a link to a release, and the policy has no 'layout: releases'");
  }
  const { stderr } = await repo.expect(3, ['snapshot', 'status']);
  const command = /make the release the directory: "(.*)"\./.exec(stderr)?.[1] ?? '';
  execFileSync('sh', ['-c', command]);
  expect([lstatSync(repo.root).isDirectory(), look(repo.root)]).toEqual([true, old]);
  writeFileSync(join(repo.root, 'one'), 'x');
  await repo.ok('rollback', '--yes', first);
  expect(look(repo.root)).toEqual(old);
});

it('what it means that the policy lays a set out otherwise is said before it is signed', async () => {
  const repo = await governedRepo();
  const warnings = async () => {
    const said = [];
    for (const words of [['diff'], ['check'], ['apply', '--yes']]) {
      const { stderr } = await repo.expect(0, ['snapshot', 'policy', ...words]);
      said.push(stderr.split('\n').filter((line) => line.startsWith('warning: ')));
    }
    return said;
  };
  await writeLayout(repo, { layout: 'releases' });
  const becomes = expect.stringMatching(/^warning: set 'artifacts' is to be laid out in releases: no file is touched/);
  expect(await warnings()).toEqual([[becomes], [becomes], [becomes]]);
  await writeLayout(repo, { layout: 'releases', keepReleases: 2 });
  expect(await warnings()).toEqual([[], [], []]);
  await writeLayout(repo, { layout: 'in-place' });
  const was = expect.stringMatching(
    /^warning: .* in releases no more: wherever 'artifacts' is a link by then, .*refused/,
  );
  expect(await warnings()).toEqual([[was], [was], [was]]);
});

it.each([
  ['outside', (repo: GovernedRepo) => join(repo.dir, 'outside')],
  ['to a directory beside it', () => 'outside'],
  ['to the git directory', () => '.git'],
  ['to no release', () => '.artifacts.releases'],
])('a link %s is not followed, whatever the layout', async (_, target) => {
  const { repo, first } = await scene();
  await repo.ok('rollback', '--yes', first);
  mkdirSync(join(repo.dir, 'outside'));
  writeFileSync(join(repo.dir, 'outside/precious'), 'kept');
  unlinkSync(repo.root);
  symlinkSync(target(repo), repo.root);
  const refs = repo.git('for-each-ref');
  for (const words of [
    ['snapshot', 'status'],
    ['snapshot', 'create'],
    ['rollback', '--yes', first],
    ['snapshot', 'diff'],
  ]) {
    const { stderr } = await repo.expect(3, words);
    expect(stderr, words.join(' ')).toContain('is a link, but to no release of the set');
  }
  expect(repo.git('for-each-ref')).toBe(refs);
  expect(readFileSync(join(repo.dir, 'outside/precious'), 'utf8')).toBe('kept');
  expect(readdirSync(join(repo.dir, 'outside'))).toEqual(['precious']);
});

it('an in-place set is not led into a release by a link that somebody made', async () => {
  const repo = await governedRepo();
  writeFileSync(join(repo.root, 'a'), 'a');
  const { id } = await repo.take();
  const release = join(repo.dir, '.artifacts.releases', `000001-${id}`);
  mkdirSync(join(repo.dir, '.artifacts.releases'));
  renameSync(repo.root, release);
  symlinkSync(`.artifacts.releases/000001-${id}`, repo.root);
  await repo.expect(3, ['rollback', '--yes', id]);
  expect(statSync(join(release, 'a')).size).toBe(1);
});
