import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { comparePaths, type Entry } from '../../../src/core/entry.ts';
import { isSnapshotId } from '../../../src/core/refs.ts';
import {
  countContent,
  formatManifest,
  formatSha256sum,
  snapshotId,
  unescapePath,
} from '../../../src/core/snapshot/manifest.ts';
import { tempDir } from '../../support/temp-repo.ts';
import { atSec, bytePath, fuzzRuns, hex } from '../arbitraries.ts';

const A = 'a'.repeat(64);
const entry = (path: string, { mode = 0o100644, size = 1, sha256 = A } = {}): Omit<Entry, 'oid'> => ({
  path,
  mode,
  size,
  sha256,
});

describe('formatManifest', () => {
  test('prints a line an entry', () => {
    const entries = [
      entry('a', { size: 12 }),
      entry('b/c d', { mode: 0o100755, size: 0 }),
      entry('e', { mode: 0o040000, size: 0 }),
      entry('l', { mode: 0o120000 }),
      entry('n\nr\rb\\n\xff"', { mode: 0o100600 }),
    ];
    expect(formatManifest(entries)).toBe(
      [
        `100644 ${A} 12 a`,
        `100755 ${A} 0 b/c d`,
        `040000 ${A} 0 e`,
        `120000 ${A} 1 l`,
        `100600 ${A} 1 n\\nr\\rb\\\\n\xff"`,
        '',
      ].join('\n'),
    );
    expect(formatManifest([])).toBe('');
  });

  test('escapes paths so that they can be read back', () => {
    fc.assert(
      fc.property(bytePath, (path) => {
        const [line = ''] = formatManifest([entry(path)]).split('\n');
        expect(unescapePath(line.split(' ').slice(3).join(' '))).toBe(path);
      }),
      fuzzRuns(500),
    );
  });

  test('is different for whatever is different', () => {
    const some = fc.array(
      fc.record({
        path: bytePath,
        mode: fc.constantFrom(0o100644, 0o100755, 0o120000, 0o040000),
        size: fc.nat(20),
        sha256: hex(64),
      }),
      { maxLength: 3 },
    );
    fc.assert(
      fc.property(some, some, (a, b) => {
        const same = JSON.stringify(a) === JSON.stringify(b);
        expect(formatManifest(a) === formatManifest(b)).toBe(same);
      }),
      fuzzRuns(300),
    );
  });

  test('escapes paths so that no two become one', () => {
    const path = fc.string({ unit: fc.constantFrom('\\', '\n', '\r', 'n', 'r', 'a', ' '), minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(path, path, (a, b) => {
        expect(formatManifest([entry(a)]).split('\n')).toHaveLength(2);
        expect(formatManifest([entry(a)]) === formatManifest([entry(b)])).toBe(a === b);
      }),
      fuzzRuns(500),
    );
  });
});

describe('formatSha256sum', () => {
  const odd = [
    'a',
    'd/b',
    '-',
    '-x',
    '*star',
    ' lead',
    'trail ',
    '#comment',
    'n\nl',
    'b\\s',
    '\\',
    'c\rr',
    'c\r',
    '\xff',
    '\xc3\xa9',
    'tab\t',
    '\x01',
    'q\'"',
    `${A}  a`,
    'd/-',
  ];

  test('is what sha256sum checks, whatever the names', () => {
    const dir = tempDir();
    mkdirSync(`${dir}/d`);
    const entries = odd.map((path, i) => {
      const content = `content ${i}`;
      writeFileSync(Buffer.from(`${dir}/${path}`, 'latin1'), content);
      return entry(path, { sha256: createHash('sha256').update(content).digest('hex') });
    });
    entries.push(entry('link', { mode: 0o120000 }), entry('empty', { mode: 0o040000 }));
    const list = formatSha256sum(entries.toSorted(comparePaths));
    const out = execFileSync('sha256sum', ['-c', '--strict', '--quiet'], {
      cwd: dir,
      input: Buffer.from(list, 'latin1'),
    });
    expect(out.toString()).toBe('');
    expect(list.split('\n').slice(0, -1)).toHaveLength(odd.length);
    writeFileSync(Buffer.from(`${dir}/n\nl`), 'changed');
    expect(() =>
      execFileSync('sha256sum', ['-c', '--quiet'], { cwd: dir, input: Buffer.from(list, 'latin1'), stdio: 'pipe' }),
    ).toThrow('1 computed checksum did NOT match');
  });

  test('is what sha256sum itself prints', () => {
    const dir = tempDir();
    const names = ['a', '*star', 'n\nl', 'b\\s', '\xff', ' x'];
    const entries = names.map((path) => {
      writeFileSync(Buffer.from(`${dir}/${path}`, 'latin1'), path, 'latin1');
      return entry(path, { sha256: createHash('sha256').update(path, 'latin1').digest('hex') });
    });
    writeFileSync(`${dir}/.names`, Buffer.from(names.join('\0'), 'latin1'));
    const printed = execFileSync('xargs', ['-0', '-a', '.names', 'sha256sum', '--'], { cwd: dir }).toString('latin1');
    expect(formatSha256sum(entries)).toBe(printed);
  });
});

test('counts files and links, not empty directories', () => {
  const entries = [
    { mode: 0o100600, size: 5 },
    { mode: 0o120000, size: 3 },
    { mode: 0o040000, size: 0 },
  ];
  expect(countContent(entries)).toEqual({ files: 2, bytes: 8 });
  expect(countContent([])).toEqual({ files: 0, bytes: 0 });
});

describe('snapshotId', () => {
  test('names the time and the content', () => {
    expect(snapshotId(1_795_357_800, '0123456789abcdef'.repeat(4))).toBe('20261122T143000Z-0123456789ab');
    expect(snapshotId(0, A)).toBe('19700101T000000Z-aaaaaaaaaaaa');
  });

  test('sorts by time, and is always of the grammar', () => {
    fc.assert(
      fc.property(atSec, atSec, hex(64), (a, b, manifest) => {
        expect(isSnapshotId(snapshotId(a, manifest))).toBe(true);
        expect(Math.sign(a - b)).toBe(Math.sign(snapshotId(a, manifest).localeCompare(snapshotId(b, manifest), 'en')));
      }),
      fuzzRuns(200),
    );
  });
});
