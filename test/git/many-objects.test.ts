import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Oid } from '../../src/core/oid.ts';
import { fsck } from '../support/governed-repo.ts';
import { tempDir, tempRepo } from '../support/temp-repo.ts';
import { openStore } from './open-store.ts';

const blob = (body: string) => ({ type: 'blob' as const, body });
const bodies = (count: number) => Array.from({ length: count }, (_, n) => `${'text '.repeat(n % 50)}${n}`);

test.each(['sha1', 'sha256'])('many objects at once become one pack (%s)', async (format) => {
  const { dir, git } = tempRepo(`--object-format=${format}`);
  const { store } = await openStore(dir);
  const texts = bodies(300);
  // One of them twice: an index has each name once.
  const oids = await store.writeObjects([...texts, 'text 1'].map(blob));
  expect(oids).toHaveLength(301);
  expect(oids[300]).toBe(oids[1]);
  expect((await store.readObjects(oids)).map(({ body }) => body)).toEqual([...texts, 'text 1']);
  const objects = join(dir, '.git/objects');
  expect(readdirSync(objects).sort()).toEqual(['info', 'pack']);
  expect(readdirSync(join(objects, 'pack')).map((name) => name.replace(/^.*\./, ''))).toEqual(
    expect.arrayContaining(['idx', 'pack']),
  );
  expect(readdirSync(join(objects, 'pack'))).toHaveLength(2);
  expect(fsck(dir)).toBe('');
  expect(git('cat-file', '-p', oids[299] as Oid)).toBe(texts[299]);
});

test('a few objects become files, and those that are there are not written again', async () => {
  const { dir } = tempRepo();
  const { store } = await openStore(dir);
  await store.writeObjects(bodies(20).map(blob));
  await store.writeObjects(bodies(20).map(blob));
  expect(readdirSync(join(dir, '.git/objects/pack'))).toEqual([]);
  expect(fsck(dir)).toBe('');
});

test('objects are read of a git that does not know how to answer in large pieces', async () => {
  const { dir, git } = tempRepo();
  const bin = tempDir();
  const said = join(bin, 'said');
  const script = `#!/bin/sh
case "$*" in *--batch-command*) echo "$*" >> '${said}'; echo 'error: unknown option' >&2; exit 129 ;; esac
PATH=\${PATH#*:} exec git "$@"
`;
  writeFileSync(join(bin, 'git'), script, { mode: 0o755 });
  const path = process.env['PATH'];
  process.env['PATH'] = `${bin}:${path}`;
  try {
    const { store } = await openStore(dir);
    const oids = await store.writeObjects(bodies(20).map(blob));
    const none = 'f'.repeat(40) as Oid;
    const reading = [store.readObjects(oids), store.readObject(none)] as const;
    expect((await reading[0]).map(({ body }) => body)).toEqual(bodies(20));
    await expect(reading[1]).rejects.toMatchObject({ oid: none });
    expect((await store.readObject(oids[3] as Oid)).body).toBe(bodies(20)[3]);
    expect(existsSync(said)).toBe(true);
  } finally {
    process.env['PATH'] = path;
  }
  expect(git('count-objects')).toMatch(/^20 objects/);
});
