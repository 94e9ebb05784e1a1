import { createHash } from 'node:crypto';
import fs, { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Oid } from '../../src/core/oid.ts';
import { openIsomorphicStore } from '../../src/portable/isomorphic-store.ts';
import { tempRepo } from '../support/temp-repo.ts';

const sha1 = (...parts: Uint8Array[]) => createHash('sha1').update(Buffer.concat(parts)).digest();

function uint32(value: number): Buffer {
  const out = Buffer.alloc(4);
  out.writeUInt32BE(value);
  return out;
}

/** Writes a pack of these entries and an index that gives them these names, both with right checksums. */
function storePack(dir: string, entries: readonly { name: string; bytes: Buffer }[]): void {
  const parts = [Buffer.from('PACK'), uint32(2), uint32(entries.length)];
  const placed = entries.map(({ name, bytes }) => {
    const offset = Buffer.concat(parts).length;
    parts.push(bytes);
    return { name: Buffer.from(name, 'hex'), offset };
  });
  const body = Buffer.concat(parts);
  const trailer = sha1(body);
  placed.sort((a, b) => Buffer.compare(a.name, b.name));
  const fanout = Array.from({ length: 256 }, (_, i) => uint32(placed.filter(({ name }) => (name[0] ?? 0) <= i).length));
  const index = Buffer.concat([
    Buffer.from([0xff, 0x74, 0x4f, 0x63, 0, 0, 0, 2]),
    ...fanout,
    ...placed.map(({ name }) => name),
    ...placed.map(() => uint32(0)),
    ...placed.map(({ offset }) => uint32(offset)),
    trailer,
  ]);
  const file = join(dir, '.git/objects/pack', `pack-${trailer.toString('hex')}`);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(`${file}.pack`, Buffer.concat([body, trailer]));
  writeFileSync(`${file}.idx`, Buffer.concat([index, sha1(index)]));
}

const A = 'a'.repeat(40);
const B = 'b'.repeat(40);
const EMPTY_DELTA = deflateSync(Buffer.from([0, 0]));
const overName = (name: string) => Buffer.concat([Buffer.from([0x72]), Buffer.from(name, 'hex'), EMPTY_DELTA]);
const overDistance = (...distance: number[]) => Buffer.concat([Buffer.from([0x62, ...distance]), EMPTY_DELTA]);
const plain = Buffer.concat([Buffer.from([0x31]), deflateSync(Buffer.from('x'))]);

describe('a pack whose deltas lead nowhere is refused, not followed for ever:', () => {
  test.each([
    ['over itself, by name', [{ name: A, bytes: overName(A) }], 'circle'],
    [
      'over one another',
      [
        { name: A, bytes: overName(B) },
        { name: B, bytes: overName(A) },
      ],
      'circle',
    ],
    ['over itself, by distance', [{ name: A, bytes: overDistance(0) }], 'not in it'],
    ['over what is before the pack', [{ name: A, bytes: overDistance(0x7f) }], 'not in it'],
    [
      'over a distance that is too long for 32 bits',
      [{ name: A, bytes: overDistance(...Array(9).fill(0xff), 0x7f) }],
      'not in it',
    ],
    [
      'over the middle of another object',
      [
        { name: B, bytes: plain },
        { name: A, bytes: overDistance(3) },
      ],
      'not in it',
    ],
    ['over an object elsewhere', [{ name: A, bytes: overName(B) }], 'not in it'],
  ])('%s', async (_, entries, reason) => {
    const { dir } = tempRepo();
    storePack(dir, entries);
    const store = await openIsomorphicStore(fs, { dir });
    await expect(store.readObject(A as Oid)).rejects.toMatchObject({
      kind: 'untrusted',
      message: expect.stringContaining(reason),
    });
    expect([...(await store.digestBlobs([A as Oid])).faults.keys()]).toEqual([A]);
  });

  test('while a good one that was made in the same way is read', async () => {
    const { dir, git } = tempRepo();
    const name = sha1(Buffer.from('blob 1\0x')).toString('hex');
    storePack(dir, [{ name, bytes: plain }]);
    expect(git('cat-file', 'blob', name)).toBe('x');
    expect((await (await openIsomorphicStore(fs, { dir })).readObject(name as Oid)).body).toBe('x');
  });
});
