import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fsck, type GovernedRepo, governedRepo, look } from '../../support/governed-repo.ts';
import type { RehearsalDocument } from './document.ts';

const LOG = 'refs/notes/snapshots';

const write = (repo: GovernedRepo, path: string, content = path) => {
  mkdirSync(join(repo.root, path, '..'), { recursive: true });
  writeFileSync(join(repo.root, path), content);
};
const scratchOf = ({ dir }: GovernedRepo) => readdirSync(join(dir, '.git/snapshot/rehearsal'));
const eventsOf = async (repo: GovernedRepo, type: string) =>
  (await repo.json<{ event: Record<string, unknown> }[]>('snapshot', 'log', '--type', type)).map(({ event }) => event);

/** Two snapshots, of which the directory is the second. */
async function twoSnapshots(): Promise<{ repo: GovernedRepo; ids: [string, string] }> {
  const repo = await governedRepo();
  for (const path of ['a', 'deep/b', 'deep/er/c']) write(repo, path);
  symlinkSync('a', join(repo.root, 'link'));
  mkdirSync(join(repo.root, 'empty'));
  const one = await repo.take('-m', 'one');
  write(repo, 'a', 'two');
  rmSync(join(repo.root, 'deep'), { recursive: true });
  const two = await repo.take('-m', 'two');
  return { repo, ids: [one.id, two.id] };
}

describe('a rehearsal', () => {
  it('goes where a rollback would go, exactly, and back; nothing of the directory changes', async () => {
    const { repo, ids } = await twoSnapshots();
    const before = look(repo.root);
    const report = await repo.json<RehearsalDocument>('snapshot', 'rehearse');
    expect(report).toMatchObject({
      verdict: 'pass',
      live: { snapshot: ids[1], taken: false, changed: [] },
      rehearsals: [{ snapshot: ids[0], purpose: 'rollback', start: 'copy', verdict: 'pass', failure: null }],
    });
    const [rehearsed] = report.rehearsals;
    expect(rehearsed?.there?.changes).toEqual({ created: 2, replaced: 1, deleted: 0, modes: 0 });
    expect(rehearsed?.back?.changes).toEqual({ created: 0, replaced: 1, deleted: 2, modes: 0 });
    expect(rehearsed?.there?.phases.map(({ phase }) => phase)).toEqual(
      expect.arrayContaining(['resolve', 'verify', 'scan', 'plan', 'backup', 'stage', 'apply', 'check', 'record']),
    );
    expect(rehearsed?.criteria.map(({ criterion, ok }) => [criterion, ok])).toEqual([
      ['exact', true],
      ['untouched', true],
      ['recovery', true],
    ]);
    expect(look(repo.root)).toEqual(before);
    expect(scratchOf(repo)).toEqual([]);
    expect(fsck(repo.dir)).toBe('');
    // The program itself says that nothing is in progress, and that the directory is what it was.
    expect(await repo.json('snapshot', 'status')).toMatchObject({
      clean: true,
      rollbackInProgress: false,
      snapshot: { id: ids[1] },
    });
  });

  it('is in the log, with the digest of the report that was printed', async () => {
    const { repo, ids } = await twoSnapshots();
    const printed = (await repo.expect(0, ['snapshot', 'rehearse', ids[0], '--json'])).stdout;
    const digest = `sha256:${createHash('sha256').update(printed).digest('hex')}`;
    expect(await eventsOf(repo, 'rehearsal')).toMatchObject([
      { set: 'artifacts', snapshot: { id: ids[0] }, from: { id: ids[1] }, verdict: 'pass', report: digest },
    ]);
    await repo.ok('snapshot', 'log', '--verify');
    expect(await eventsOf(repo, 'rollback')).toEqual([]);
    // The next one knows of it.
    const next = await repo.json<RehearsalDocument>('snapshot', 'rehearse', '--no-record');
    expect(next.history).toMatchObject([{ snapshot: ids[0], verdict: 'pass', actor: 'ada-example' }]);
    expect(await eventsOf(repo, 'rehearsal')).toHaveLength(1);
  });

  it('takes a snapshot of a directory that is none yet, and what the directory should be stays what it was', async () => {
    const { repo, ids } = await twoSnapshots();
    write(repo, 'new');
    const report = await repo.json<RehearsalDocument>('snapshot', 'rehearse');
    expect(report).toMatchObject({ verdict: 'pass', live: { taken: true }, rehearsals: [{ snapshot: ids[1] }] });
    const taken = await repo.json<{ id: string; labels: object }>('snapshot', 'show', report.live.snapshot ?? '');
    expect(taken.labels).toEqual({ auto: 'rehearsal' });
    expect(await repo.json('snapshot', 'status')).toMatchObject({ clean: false, snapshot: { id: ids[1] } });
    expect((await repo.json<{ id: string }>('snapshot', 'show', 'latest')).id).toBe(ids[1]);
    await repo.ok('snapshot', 'verify', taken.id);
    // A second rehearsal finds it, and takes none.
    expect(await repo.json('snapshot', 'rehearse')).toMatchObject({ live: { taken: false, snapshot: taken.id } });
  });

  it('of what the directory is already begins with nothing', async () => {
    const { repo, ids } = await twoSnapshots();
    const report = await repo.json<RehearsalDocument>('snapshot', 'rehearse', ids[1]);
    expect(report).toMatchObject({
      verdict: 'pass',
      rehearsals: [{ start: 'empty', there: { changes: { created: 3, replaced: 0 } } }],
    });
    const [event] = await eventsOf(repo, 'rehearsal');
    expect(event).not.toHaveProperty('from');
  });

  it('of the only snapshot, or of a lost directory, is a restoration', async () => {
    const repo = await governedRepo();
    write(repo, 'a');
    const { id } = await repo.take('-m', 'one');
    expect(await repo.json('snapshot', 'rehearse')).toMatchObject({ rehearsals: [{ snapshot: id, start: 'empty' }] });
    rmSync(repo.root, { recursive: true });
    expect(await repo.json('snapshot', 'rehearse')).toMatchObject({
      verdict: 'pass',
      live: { snapshot: null },
      rehearsals: [{ snapshot: id, start: 'empty' }],
    });
    expect(existsSync(repo.root)).toBe(false);
  });

  it('meets what ignore rules leave out, as a rollback would', async () => {
    const { repo, ids } = await twoSnapshots();
    write(repo, '.snapshotignore', 'deep\n');
    write(repo, 'deep/b', 'not in any snapshot');
    await repo.take('-m', 'three');
    const { code, stderr } = await repo.run(['rollback', '--dry-run', ids[0]]);
    expect({ code, stderr }).toMatchObject({ code: 5, stderr: expect.stringMatching(/'deep.*' is in the way/) });
    const { stdout } = await repo.expect(7, ['snapshot', 'rehearse', ids[0], '--json']);
    const report = JSON.parse(stdout) as RehearsalDocument;
    expect(report.rehearsals[0]?.failure).toMatch(/'deep.*' is in the way/);
    expect(report.rehearsals[0]?.criteria.find(({ criterion }) => criterion === 'exact')?.ok).toBe(false);
    expect(readFileSync(join(repo.root, 'deep/b'), 'utf8')).toBe('not in any snapshot');
    expect(await eventsOf(repo, 'rehearsal')).toMatchObject([{ verdict: 'fail' }]);
  });
});

describe('what is drawn at random', () => {
  it('comes from all snapshots of the set, alone or besides what is named', async () => {
    const { repo, ids } = await twoSnapshots();
    const alone = await repo.json<RehearsalDocument>('snapshot', 'rehearse', '--sample', '5');
    expect(alone.rehearsals.map(({ snapshot }) => snapshot).sort()).toEqual([...ids].sort());
    expect(alone).toMatchObject({ verdict: 'pass' });
    const besides = await repo.json<RehearsalDocument>('snapshot', 'rehearse', ids[0], '--sample', '1');
    expect(besides.rehearsals.map(({ snapshot, purpose }) => [snapshot, purpose])).toEqual([
      [ids[0], 'named'],
      [ids[1], 'sample'],
    ]);
    expect(await eventsOf(repo, 'rehearsal')).toHaveLength(4);
  });
});

describe('what stands in the way', () => {
  it('content that is lost: the report says so, and the log', async () => {
    const { repo, ids } = await twoSnapshots();
    const blob = repo.git('rev-parse', `refs/snapshots/artifacts/${ids[0]}^{tree}:a`);
    rmSync(join(repo.dir, '.git/objects', blob.slice(0, 2), blob.slice(2)));
    const { stdout } = await repo.expect(7, ['snapshot', 'rehearse', '--json']);
    const report = JSON.parse(stdout) as RehearsalDocument;
    expect(report).toMatchObject({ verdict: 'fail', rehearsals: [{ there: null, back: null, verifyMs: null }] });
    expect(report.rehearsals[0]?.failure).toContain('is not to be trusted');
    expect(await eventsOf(repo, 'rehearsal')).toMatchObject([{ verdict: 'fail' }]);
    const { stdout: text } = await repo.expect(7, ['snapshot', 'rehearse', '--no-record']);
    expect(text).toContain(`exact of ${ids[0]}`);
  });

  it('an unfinished rollback, a bare repository, a set without snapshots, a set that is not there', async () => {
    const { repo } = await twoSnapshots();
    mkdirSync(join(repo.dir, '.git/snapshot/replace'), { recursive: true });
    const journal = join(repo.dir, '.git/snapshot/replace/artifacts.journal');
    writeFileSync(journal, 'not whole');
    await repo.expect(9, ['snapshot', 'rehearse']);
    rmSync(journal);
    await repo.expect(4, ['snapshot', 'rehearse', '--set', 'others']);
    await repo.expect(4, ['snapshot', 'rehearse', '--env', 'production']);
    const bare = `${repo.dir}/bare.git`;
    repo.git('clone', '-q', '--mirror', repo.dir, bare);
    const { stderr } = await repo.expect(3, ['snapshot', '-C', bare, 'rehearse']);
    expect(stderr).toContain('hint: Clone it');
    const empty = await governedRepo();
    await empty.expect(4, ['snapshot', 'rehearse']);
  });
});

describe('its scratch repository', () => {
  it('is removed by the next rehearsal if its process was killed, and left alone while that is at work', async () => {
    const { repo } = await twoSnapshots();
    const home = join(repo.dir, '.git/snapshot/rehearsal');
    mkdirSync(home, { recursive: true });
    const leave = (owner: object) => {
      const directory = mkdtempSync(join(home, 'x'));
      writeFileSync(join(directory, 'owner'), JSON.stringify(owner));
      mkdirSync(join(directory, 'tree'));
      writeFileSync(join(directory, 'tree/big'), 'left behind');
      return directory;
    };
    const own = { pid: process.pid, host: (await import('node:os')).hostname(), namespace: '', start: '' };
    const dead = leave({ ...own, boot: 'another start of the system' });
    const elsewhere = leave({ ...own, host: 'elsewhere', boot: '' });
    await repo.ok('snapshot', 'rehearse');
    expect(existsSync(dead)).toBe(false);
    expect(existsSync(elsewhere)).toBe(true);
  });

  it('leaves no trace in refs and objects, nor outside of the repository', async () => {
    const { repo } = await twoSnapshots();
    await repo.ok('snapshot', 'rehearse', '--no-record');
    const config = join(process.env['XDG_CONFIG_HOME'] ?? join(process.env['HOME'] ?? '', '.config'), 'git-snapshot');
    const state = () => [
      look(config),
      repo.git('for-each-ref'),
      repo.git('count-objects', '-v'),
      repo.git('rev-parse', LOG),
    ];
    const before = state();
    await repo.ok('snapshot', 'rehearse', '--no-record');
    expect(state()).toEqual(before);
  });

  it('is one for each of several rehearsals at once', async () => {
    const { repo } = await twoSnapshots();
    const runs = await Promise.all([0, 1].map(() => repo.run(['snapshot', 'rehearse', '--json'])));
    expect(runs.map(({ code }) => code)).toEqual([0, 0]);
    expect(await eventsOf(repo, 'rehearsal')).toHaveLength(2);
    expect(scratchOf(repo)).toEqual([]);
    await repo.ok('snapshot', 'log', '--verify');
  });
});
