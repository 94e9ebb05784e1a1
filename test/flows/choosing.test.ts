import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { existing, type GovernedRepo, governedRepo, type SnapshotDocument } from '../support/governed-repo.ts';
import { withApp } from '../support/open-app.ts';
import { tempDir } from '../support/temp-repo.ts';

const write = ({ dir }: GovernedRepo, path: string, content: string) => {
  mkdirSync(join(dir, path, '..'), { recursive: true });
  writeFileSync(join(dir, path), content);
};

describe('with several sets', () => {
  async function twoSets(): Promise<GovernedRepo> {
    const repo = await governedRepo({ init: ['--set', 'models=models', '--set', 'prompts=prompts'] });
    for (const set of ['models', 'prompts']) {
      for (const n of ['1', '2']) {
        write(repo, `${set}/a`, `${set} ${n}`);
        await repo.take('--set', set, '-m', n);
      }
    }
    return repo;
  }

  it('takes the set that a selector names', async () => {
    const repo = await twoSets();
    for (const words of [
      ['snapshot', 'show', 'models/latest'],
      ['snapshot', 'verify', 'models/latest', 'prompts/current'],
      ['snapshot', 'manifest', 'prompts/latest'],
      ['snapshot', 'restore', 'prompts/latest', '-n'],
      ['rollback', '-n', 'models/latest~1'],
      ['snapshot', 'diff', 'models/latest', 'prompts/latest'],
      ['snapshot', 'diff', 'models/latest~1'],
      ['snapshot', 'log', '--snapshot', 'models/latest'],
    ]) {
      await repo.ok(...words);
      await repo.ok(...words, ...(words.join().includes('prompts') ? [] : ['--set', 'models']));
    }
    expect(await repo.json('rollback', '-n', 'models/latest~1')).toMatchObject({ set: 'models' });
    await repo.expect(2, ['snapshot', 'show', 'latest']);
    expect(await repo.json('snapshot', 'show', 'latest', '--set', 'models')).toMatchObject({ set: 'models' });
  });

  it('refuses two that disagree', async () => {
    const repo = await twoSets();
    for (const words of [
      ['snapshot', 'show', 'models/latest'],
      ['snapshot', 'verify', 'models/latest'],
      ['rollback', '-n', 'models/latest'],
      ['snapshot', 'diff', 'models/latest'],
    ])
      await repo.expect(2, [...words, '--set', 'prompts']);
  });

  it('knows no set that the policy does not have', async () => {
    const repo = await twoSets();
    await repo.expect(4, ['snapshot', 'verify', '--all', '--set', 'nope']);
  });
});

it('looks at what the directory should be, where no snapshot is named', async () => {
  const repo = await governedRepo();
  const taken: SnapshotDocument[] = [];
  for (const n of ['1', '2']) {
    write(repo, 'artifacts/a', n);
    taken.push(await repo.take('-m', n));
  }
  const [first, second] = taken;
  await repo.ok('rollback', '--yes', first?.id ?? '');
  for (const words of [['show'], ['show', 'current'], ['manifest']])
    expect(await repo.json('snapshot', ...words), words[0]).toMatchObject(
      words[0] === 'manifest' ? { snapshot: { id: first?.id } } : { id: first?.id },
    );
  expect(await repo.json('snapshot', 'diff')).toMatchObject({ from: first?.id, changes: [] });
  expect(await repo.json('snapshot', 'verify')).toMatchObject({ results: [{ id: first?.id }] });
  // Where there is no directory, the newest.
  const bare = existing(tempDir());
  execFileSync('git', ['clone', '-q', '--mirror', repo.dir, bare.dir]);
  expect(await bare.json('snapshot', 'show')).toMatchObject({ id: second?.id });
});

it('says that a path matches nothing', async () => {
  const repo = await governedRepo();
  write(repo, 'artifacts/a', '1');
  write(repo, 'artifacts/gone/x', '1');
  await repo.take('-m', '1');
  rmSync(join(repo.root, 'gone'), { recursive: true });
  write(repo, 'artifacts/new', '1');
  for (const words of [
    ['rollback', '-n'],
    ['snapshot', 'restore', '-n', 'latest'],
    ['snapshot', 'diff'],
  ]) {
    for (const path of ['a', 'gone', 'gone/x', 'new']) await repo.ok(...words, '--path', path);
    const { stderr } = await repo.expect(4, [...words, '--path', 'a', '--path', 'no']);
    expect(stderr).toContain("path 'no' matches nothing in the set or the snapshot");
  }
});

describe('taking a snapshot', () => {
  it('refuses a label with two values', async () => {
    const repo = await governedRepo();
    write(repo, 'artifacts/a', '1');
    await repo.expect(2, ['snapshot', '-l', 'a=1', '-l', 'b=1', '-l', 'a=2']);
    await repo.ok('snapshot', '-l', 'a=1', '-l', 'b=1');
  });

  it('says that a message was not recorded, since nothing changed', async () => {
    const repo = await governedRepo();
    write(repo, 'artifacts/a', '1');
    await repo.take('-m', '1');
    for (const args of [
      ['-m', '2'],
      ['-l', 'a=1'],
    ])
      expect((await repo.expect(0, ['snapshot', ...args])).stderr).toContain('were not recorded; use --force');
    expect((await repo.expect(0, ['snapshot'])).stderr).toBe('');
  });
});

describe('setting up', () => {
  it('refuses a bare repository', async () => {
    const bare = existing(tempDir());
    bare.git('init', '-q', '--bare');
    const { stderr } = await bare.expect(3, ['snapshot', 'init', '--yes', '--no-passphrase']);
    expect(stderr).toContain('bare repository');
    expect(bare.git('for-each-ref')).toBe('');
  });

  it('asks nobody where it is done', async () => {
    const repo = await governedRepo();
    const confirm = async () => Promise.reject(new Error('asked'));
    const options = { sets: [], key: undefined, passphrase: false, confirm };
    await expect(withApp(repo, (app) => app.init(options))).rejects.toThrow('already set up');
  });
});
