import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Oid } from '../../src/core/oid.ts';
import type { SnapshotInfo } from '../../src/core/snapshot/snapshot-info.ts';
import { type Named, openListingCache, type RowKind } from '../../src/git/listing/listing-cache.ts';
import { SUMMARY_ROWS } from '../../src/git/listing/summary-rows.ts';
import { WHOLE_ROWS } from '../../src/git/listing/whole-rows.ts';
import { openRepository } from '../../src/git/open-repository.ts';
import { tempRepo } from '../support/temp-repo.ts';

const row = (number: number, more: Partial<SnapshotInfo> = {}): SnapshotInfo => ({
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

/** What tables show of it. */
const summary = ({ tag, ref, set, id, files, bytes, takenAtSec, message, labels }: SnapshotInfo) => ({
  ...{ tag, ref, set, id, files, bytes, takenAtSec, message, labels },
});

const refOf = ({ ref, tag }: { ref: string; tag: Oid }) => ({ name: ref, oid: tag });

async function openCache<Row extends Named, Common extends object>(kind: RowKind<Row, Common>) {
  const { dir } = tempRepo();
  const cache = openListingCache(await openRepository({ cwd: dir, env: process.env }), kind);
  const directory = join(dir, '.git/snapshot');
  const file = () => join(directory, readdirSync(directory).find((name) => name.startsWith('listing-')) ?? '');
  return { cache, file };
}

const ODD = [
  row(1),
  row(2, { message: '"Grüße", sagt Zoë 🙂 \\n', body: 'two\n\tlines' }),
  row(3, {
    message: '',
    labels: [{ key: 'k', value: 'v\tw é' }],
    source: { commit: 'f'.repeat(40) as Oid, dirty: true },
  }),
  row(4, { path: 'caf\u00c3\u00a9' }),
];

describe.each([
  { name: 'whole rows', kind: WHOLE_ROWS as RowKind<SnapshotInfo, object>, of: (info: SnapshotInfo): Named => info },
  {
    name: 'summaries',
    kind: SUMMARY_ROWS as unknown as RowKind<SnapshotInfo, object>,
    of: (info: SnapshotInfo): Named => summary(info),
  },
])('a file of $name', ({ kind, of }) => {
  test('gives them back as they were', async () => {
    const { cache, file } = await openCache(kind);
    expect(cache.all()).toEqual([]);
    expect(cache.find(ODD.map(refOf))).toEqual(ODD.map(() => undefined));
    cache.write(ODD);
    expect(cache.all()).toEqual(ODD.map(of));
    expect(cache.find(ODD.map(refOf))).toEqual(ODD.map(of));
    // What is the same in all rows is there once.
    const many = Array.from({ length: 100 }, (_, i) => row(i + 1, { labels: [{ key: 'same', value: 'once' }] }));
    cache.write(many);
    expect(readFileSync(file(), 'utf8').split('once')).toHaveLength(2);
    expect(cache.all()).toEqual(many.map(of));
  });

  test('has them in whatever order refs come, and none for a tag at another ref', async () => {
    const { cache } = await openCache(kind);
    const rows = Array.from({ length: 9 }, (_, i) => row(i + 1));
    cache.write(rows);
    const order = [8, 2, 3, 7, 0, 1, 6];
    const asked = order.map((at) => rows[at] ?? row(0));
    expect(cache.find(asked.map(refOf))).toEqual(asked.map(of));
    const [first, second] = [row(1), row(2)];
    const strangers = [refOf(row(77)), { name: second.ref, oid: first.tag }, refOf(second)];
    expect(cache.find(strangers)).toEqual([undefined, undefined, of(second)]);
  });

  test('leaves out a row that it cannot hold', async () => {
    const { cache } = await openCache(kind);
    cache.write([row(1), row(2, { message: 'a\tb' }), row(3)]);
    expect(cache.all()).toEqual([of(row(1)), of(row(3))]);
  });

  test('counts as empty where it is damaged, or of another format', async () => {
    const { cache, file } = await openCache(kind);
    const rows = [row(1), row(2)];
    cache.write(rows);
    const whole = readFileSync(file(), 'utf8');
    for (const [text, left] of [
      ['', []],
      ['garbage', []],
      ['{"format":1,"rows":[]}', []],
      ['{"format":3,"common":"none"}\n', []],
      ['null\n', []],
      [whole.replace('"labels":[]', '"labels":[null]'), []],
      [whole.replace('"labels":[]', '"labels":""'), []],
      [whole.replace(/\t1795368143\t/, '\t9795368143000\t'), [2]],
      [whole.replace('"format":3', '"format":4'), []],
      [whole.slice(0, -1), [1]],
      [whole.replace('001\t0\t', '001\t7\t'), [2]],
      [whole.replace('number 1', 'number\t1'), [2]],
      [whole.replace(/\n0{39}1\t/, '\n'), [2]],
      [whole.replace(/\n0{39}1\t/, '\n0\t'), [2]],
    ] as const) {
      writeFileSync(file(), text);
      const found = cache.find(rows.map(refOf)).flatMap((one) => one ?? []);
      expect(found, text).toEqual(left.map((number) => of(row(number))));
    }
  });
});
