import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openSnapshots, type Snapshots } from '../src/index.ts';
import { type GovernedRepo, governedRepo } from './support/governed-repo.ts';

async function opened(): Promise<{ repo: GovernedRepo; snapshots: Snapshots }> {
  const repo = await governedRepo();
  writeFileSync(join(repo.root, 'a'), '1');
  const snapshots = await openSnapshots({ directory: repo.dir });
  onTestFinished(() => snapshots.close());
  return { repo, snapshots };
}

const usage = (message: RegExp) => ({
  kind: 'usage',
  message: expect.stringMatching(message),
  hint: expect.any(String),
});

describe('the library', () => {
  test('takes only the options that are to be different', async () => {
    const { repo, snapshots } = await opened();
    const { snapshot } = await snapshots.create({ message: 'one', labels: [{ key: 'build', value: '7' }] });
    writeFileSync(join(repo.root, 'a'), '2');
    expect(await snapshots.status()).toMatchObject({ clean: false });
    expect(await snapshots.diff({ from: 'latest' })).toMatchObject({ changes: [{ status: 'M', path: 'a' }] });
    expect(await snapshots.rollback()).toMatchObject({ outcome: 'applied', to: snapshot?.id });
    expect(readFileSync(join(repo.root, 'a'), 'utf8')).toBe('1');
    expect(await snapshots.undoRollback()).toMatchObject({ outcome: 'applied' });
    expect(await snapshots.verify({ all: true })).toMatchObject({ ok: true });
    expect(await snapshots.list({ limit: 1, labels: undefined })).toHaveLength(1);
    expect(await snapshots.log({ types: ['rollback'] })).toHaveLength(2);
    expect((await snapshots.manifest({ snapshot: 'latest' })).entries).toHaveLength(1);
    expect(
      await snapshots.promotion.list({ set: undefined, environment: undefined, limit: undefined, pending: false }),
    ).toEqual([]);
  });

  test('refuses what it would misunderstand, and signs nothing', async () => {
    const { repo, snapshots } = await opened();
    const before = repo.git('for-each-ref');
    const loosely = snapshots as unknown as Record<string, (options?: unknown) => Promise<unknown>>;
    const wrong: readonly [method: string, options: unknown, says: RegExp][] = [
      ['create', { labels: ['a=b'] }, /is not a label/],
      ['create', { labels: 'a=b' }, /takes an array as 'labels'/],
      ['create', { label: [] }, /has no option 'label'/],
      ['create', { dryRun: 'no' }, /takes a boolean as 'dryRun'/],
      ['show', undefined, /needs 'snapshot'/],
      ['diff', { from: 7 }, /needs 'from'/],
      ['verify', undefined, /nothing is named/],
      ['verify', { snapshots: [] }, /nothing is named/],
      ['rollback', { steps: -1 }, /steps/],
      ['rollback', { steps: 1.5 }, /steps/],
    ];
    for (const [method, options, says] of wrong) {
      await expect(loosely[method]?.(options), `${method} ${JSON.stringify(options)}`).rejects.toMatchObject(
        usage(says),
      );
    }
    await expect(openSnapshots({} as { directory: string })).rejects.toMatchObject(usage(/needs 'directory'/));
    expect(repo.git('for-each-ref')).toBe(before);
  });

  test('keeps no process alive, even if it is not closed', async () => {
    const waitedFor = () => process.getActiveResourcesInfo().filter((name) => /Process|Pipe|Message|Worker/.test(name));
    const { snapshots } = await opened();
    const before = waitedFor();
    await snapshots.create();
    expect(await snapshots.verify({ snapshots: ['latest'] })).toMatchObject({ ok: true });
    expect(waitedFor()).toEqual(before);
    // What was let go of is there all the same.
    expect((await snapshots.manifest({ snapshot: 'latest' })).entries).toHaveLength(1);
  });

  test('reads nothing once it was closed', async () => {
    const { snapshots } = await opened();
    await snapshots.create();
    await snapshots.close();
    await expect(snapshots.show({ snapshot: 'latest' })).rejects.toMatchObject(usage(/was closed/));
  });
});
