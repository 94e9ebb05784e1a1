import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { governedRepo } from '../../support/governed-repo.ts';
import { adaAndBen, type Person } from '../../support/people.ts';
import { tempDir } from '../../support/temp-repo.ts';

/** Ada and Ben, who share what is in a bare repository; Ben's directory is on a snapshot of his own. */
async function sharing(): Promise<{ ada: Person; ben: Person }> {
  const { ada, ben } = await adaAndBen({ threshold: 1 });
  const server = tempDir();
  ada.git('init', '-q', '--bare', server);
  for (const one of [ada, ben]) one.git('remote', 'add', 'origin', server);
  await ada.ok('snapshot', 'push', '-q');
  return { ada, ben };
}

async function take(one: Person, content: string) {
  mkdirSync(one.root, { recursive: true });
  writeFileSync(join(one.root, 'f'), content);
  return one.take('-m', content);
}

describe('what another clone removed', () => {
  test('is not put in the place of what the directory was on', async () => {
    const { ada, ben } = await sharing();
    await take(ada, 'one');
    await ada.ok('snapshot', 'push', '-q');
    await ben.ok('snapshot', 'fetch', '-q');
    const mine = await take(ben, 'two');
    await ben.ok('snapshot', 'push', '-q');
    await ada.ok('snapshot', 'fetch', '-q');
    await take(ada, 'three');
    await ada.write((policy) => Object.assign(policy, { retention: { keepLast: 1 } }));
    await ada.ok('snapshot', 'policy', 'apply', '--yes', '-q');
    await ada.ok('snapshot', 'prune', '--apply', '--yes');
    await ada.ok('snapshot', 'push', '-q');
    await ben.ok('snapshot', 'fetch', '-q');
    const inTrash = `the directory was on ${mine.id}, which is in the trash`;
    expect((await ben.run(['snapshot', 'status'])).stderr).toContain(inTrash);
    const back = await ben.run(['rollback', '--yes']);
    expect([back.code, back.stderr]).toEqual([4, expect.stringContaining(inTrash)]);
    expect((await ben.run(['snapshot', 'show', mine.id])).stderr).toContain(`git snapshot undelete ${mine.id}`);
    await ben.ok('snapshot', 'undelete', mine.id);
    await ben.ok('rollback', '--yes');
  });

  test('does not come back with the next exchange, once it was erased', async () => {
    const { ada } = await sharing();
    const { id } = await take(ada, 'a secret');
    await ada.ok('snapshot', 'push', '-q');
    await take(ada, 'nothing');
    const blob = ada.git('rev-parse', `refs/snapshots/artifacts/${id}^{}:f`);
    await ada.ok('snapshot', 'erase', id, '--yes', '-m', 'leaked');
    expect(() => ada.git('cat-file', '-e', blob)).toThrow();
    const { stderr } = await ada.expect(0, ['snapshot', 'push']);
    expect(stderr).toMatch(/objects of erased snapshots were removed/);
    expect(() => ada.git('cat-file', '-e', blob)).toThrow();
    expect(ada.git('for-each-ref', '--format=%(refname)')).not.toContain(id);
  });
});

describe('what could not be read back is not signed', () => {
  test('a hold until a year that has five digits, and one for months', async () => {
    const repo = await governedRepo();
    writeFileSync(join(repo.root, 'f'), 'x');
    await repo.take();
    const before = repo.git('for-each-ref');
    const hold = (until: string) =>
      repo.run(['snapshot', 'hold', 'latest', '--case', 'c', '--until', until, '-m', 'x']);
    for (const until of ['9999y', '10000-01-01', 'bogus', '6']) expect((await hold(until)).code).toBe(2);
    expect(repo.git('for-each-ref')).toBe(before);
    expect((await hold('6m')).code).toBe(0);
    const [held] = await repo.json<{ since: string; until: string }[]>('snapshot', 'holds');
    const days = (Date.parse(held?.until ?? '') - Date.parse(held?.since ?? '')) / 86_400_000;
    expect(days).toBeGreaterThan(180);
  });

  test('anything by a clock before 1970', async () => {
    const repo = await governedRepo();
    writeFileSync(join(repo.root, 'f'), 'x');
    await repo.take();
    rmSync(join(repo.root, 'f'));
    const before = repo.git('for-each-ref');
    const { code } = await repo.at(-1e12).run(['snapshot', 'create', '-m', 'x']);
    expect([3, 6]).toContain(code);
    expect(repo.git('for-each-ref')).toBe(before);
  });
});
