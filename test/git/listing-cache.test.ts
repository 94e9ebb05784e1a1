import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Oid } from '../../src/core/oid.ts';
import { openListingCache } from '../../src/git/listing-cache.ts';
import { openRepository } from '../../src/git/open-repository.ts';
import { tempRepo } from '../support/temp-repo.ts';

const row = (number: number, more: object = {}) => ({
  tag: String(number).padStart(40, '0') as Oid,
  set: 'artifacts',
  id: `20261122T170000Z-${String(number).padStart(12, '0')}`,
  ref: `refs/snapshots/artifacts/20261122T170000Z-${String(number).padStart(12, '0')}`,
  tree: 'a'.repeat(40) as Oid,
  payload: `sha256:${'b'.repeat(64)}`,
  manifest: `sha256:${'c'.repeat(64)}`,
  previous: number === 1 ? undefined : `sha256:${'d'.repeat(64)}`,
  files: number,
  bytes: 2 ** 40 + number,
  takenAtSec: 1_795_368_142 + number,
  message: `number ${number}`,
  tagger: { name: 'Ada', email: 'ada@example.org' },
  body: undefined,
  path: 'artifacts',
  labels: [],
  context: [{ name: 'Host', value: 'vm' }],
  source: undefined,
  policy: { version: 1, digest: `sha256:${'e'.repeat(64)}` },
  ...more,
});

async function openCache() {
  const { dir } = tempRepo();
  const cache = openListingCache<ReturnType<typeof row>>(await openRepository({ cwd: dir, env: process.env }));
  const directory = join(dir, '.git/snapshot');
  const file = () => join(directory, readdirSync(directory).find((name) => name.startsWith('listing-')) ?? '');
  return { cache, file };
}

test('rows come back as they were', async () => {
  const { cache, file } = await openCache();
  expect(cache.read().size).toBe(0);
  const rows = [
    row(1),
    row(2, { message: '"Grüße", sagt Zoë 🙂 \\n', body: 'two\n\tlines' }),
    row(3, { message: '', labels: [{ key: 'k', value: 'v\tw' }], source: { commit: 'f'.repeat(40), dirty: true } }),
    row(4, { path: 'caf\u00c3\u00a9' }),
  ];
  cache.write(rows);
  expect([...cache.read().values()]).toEqual(rows);
  expect([...cache.read().keys()]).toEqual(rows.map(({ tag }) => tag));
  // What is the same in all rows is there once.
  cache.write(Array.from({ length: 100 }, (_, i) => row(i + 1)));
  expect(readFileSync(file(), 'utf8').split('ada@example.org')).toHaveLength(2);
  expect(cache.read().size).toBe(100);
});

test('a row that the file cannot hold is left out', async () => {
  const { cache } = await openCache();
  cache.write([row(1), row(2, { message: 'a\tb' }), row(3)]);
  expect([...cache.read().values()]).toEqual([row(1), row(3)]);
});

test('what is damaged, or of another format, counts as not there', async () => {
  const { cache, file } = await openCache();
  cache.write([row(1), row(2)]);
  const whole = readFileSync(file(), 'utf8');
  for (const [text, left] of [
    ['', 0],
    ['garbage', 0],
    ['{"format":1,"rows":[]}', 0],
    [whole.replace('"format":2', '"format":3'), 0],
    [whole.slice(0, -1), 1],
    [whole.replace('number 1\t0', 'number 1\t7'), 1],
    [whole.replace(/\n0{39}1\t/, '\n'), 1],
  ] as const) {
    writeFileSync(file(), text);
    expect(cache.read().size, text).toBe(left);
  }
});
