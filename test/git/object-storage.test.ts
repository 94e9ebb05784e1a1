import { execFileSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Oid } from '../../src/core/oid.ts';
import { openRepository } from '../../src/git/open-repository.ts';
import { openObjectStorage } from '../../src/git/storage/object-storage.ts';
import { tempRepo } from '../support/temp-repo.ts';

test('a purge that was cut off, whatever it left, is ended by the next one', async () => {
  const { dir, git } = tempRepo();
  const put = (type: string, text: string) =>
    execFileSync('git', ['hash-object', '-t', type, '-w', '--stdin'], {
      cwd: dir,
      input: text,
      encoding: 'utf8',
    }).trim();
  const tagOf = (oid: string, type: string, name: string) =>
    put('tag', `object ${oid}\ntype ${type}\ntag ${name}\ntagger A <a@example.org> 0 +0000\n\nx\n`) as Oid;
  const fileOf = (oid: string) => join(dir, '.git/objects', oid.slice(0, 2), oid.slice(2));
  const make = (): [blob: string, tree: string, snapshot: Oid, promotion: Oid] => {
    const blob = put('blob', 'secret');
    const tree = execFileSync('git', ['mktree'], {
      cwd: dir,
      input: `100644 blob ${blob}\ta\n`,
      encoding: 'utf8',
    }).trim();
    const snapshot = tagOf(tree, 'tree', 'one');
    return [blob, tree, snapshot, tagOf(snapshot, 'tag', 'two')];
  };
  // It takes out what a name needs before the name, so it can end after each of them.
  for (let gone = 0; gone <= 4; gone++) {
    const objects = make();
    for (const oid of objects.slice(0, gone)) rmSync(fileOf(oid));
    const tags = objects.slice(2).filter((oid) => existsSync(fileOf(oid))) as Oid[];
    const storage = openObjectStorage(await openRepository({ cwd: dir, env: process.env }));
    const { purged, shared, left } = await storage.purge(await storage.closure(tags));
    expect([purged, shared, left]).toEqual([4 - gone, [], []]);
    expect(objects.filter((oid) => existsSync(fileOf(oid)))).toEqual([]);
  }
  expect(git('fsck', '--strict')).toBe('');
});
