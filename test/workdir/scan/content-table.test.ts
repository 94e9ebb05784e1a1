import fc from 'fast-check';
import { expect, it } from 'vitest';
import { comparePaths, DIRECTORY, FILE, fileType, SYMLINK } from '../../../src/core/entry.ts';
import { SHA1, SHA256 } from '../../../src/core/oid.ts';
import { formatManifest } from '../../../src/core/snapshot/manifest.ts';
import type { CachedEntry } from '../../../src/core/workdir.ts';
import { emptyDirectory } from '../../../src/workdir/empty-directory.ts';
import { manifestPieces, statFiles } from '../../../src/workdir/stat-cache/content-files.ts';
import { ContentTable } from '../../../src/workdir/stat-cache/content-table.ts';
import { INDEX_HEADER_BYTES } from '../../../src/workdir/stat-cache/index-file.ts';
import { bytePath, fuzzRuns, hex, oid } from '../../core/arbitraries.ts';

// Whole seconds of 64 bits, device and inode numbers too, as some file systems have them.
const number = fc.oneof(fc.nat(), fc.constantFrom(0, 1, 2 ** 32 - 1, 2 ** 32, 2 ** 40 + 1));
const seconds = fc.oneof(number, fc.constantFrom(-1, -86_400));
const nsec = fc.nat(999_999_999);

for (const format of [SHA1, SHA256]) {
  const entry: fc.Arbitrary<CachedEntry> = fc
    .record({
      path: bytePath,
      mode: fc.constantFrom(FILE | 0o644, FILE | 0o600, FILE | 0o755, SYMLINK, DIRECTORY),
      oid: oid(format),
      sha256: hex(64),
      size: number,
      stat: fc.record({
        ctimeSec: seconds,
        ctimeNsec: nsec,
        mtimeSec: seconds,
        mtimeNsec: nsec,
        dev: number,
        ino: number.map((n) => n + 1),
        uid: fc.nat(),
        gid: fc.nat(),
        nlink: fc.constantFrom(1, 1, 1, 2),
        linkMode: fc.constantFrom(0o777, 0o755),
      }),
    })
    .map(({ stat: { linkMode, ...stat }, ...made }) => {
      const isLink = made.mode === SYMLINK;
      const content = made.mode === DIRECTORY ? emptyDirectory(format) : {};
      const whole = { ...made, ...content };
      return { ...whole, stat: { ...stat, mode: isLink ? SYMLINK | linkMode : made.mode, size: whole.size } };
    });
  const list = fc
    .uniqueArray(entry, { selector: ({ path }) => path, maxLength: 20 })
    .map((entries) => entries.sort(comparePaths));

  const plain = ({ path, mode, oid: name, sha256, size, stat }: CachedEntry) => ({
    path,
    mode,
    oid: name,
    sha256,
    size,
    stat,
  });
  const write = (entries: readonly CachedEntry[]) => {
    const { index, stats } = statFiles(entries, { sinceMs: Number.MAX_SAFE_INTEGER, format });
    return {
      manifest: Buffer.concat(manifestPieces(entries)),
      stats: Buffer.from(stats),
      index: Buffer.concat(index).subarray(INDEX_HEADER_BYTES),
    };
  };

  it(`gives back every number of every entry, in a ${format.name} repository`, () => {
    fc.assert(
      fc.property(list, (entries) => {
        const files = write(entries);
        expect(files.manifest.toString('latin1')).toBe(formatManifest(entries));
        expect(new ContentTable(files, format).records.map(plain)).toEqual(entries);
      }),
      fuzzRuns(200),
    );
  });

  it(`copies what stays and writes what is new, to the same bytes, in a ${format.name} repository`, () => {
    fc.assert(
      fc.property(list, list, fc.func(fc.boolean()), (before, others, isKept) => {
        const records = new ContentTable(write(before), format).records.filter(({ path }) => isKept(path));
        const paths = new Set(records.map(({ path }) => path));
        const mixed = [...records, ...others.filter(({ path }) => !paths.has(path))].sort(comparePaths);
        expect(write(mixed)).toEqual(write(mixed.map(plain)));
      }),
      fuzzRuns(200),
    );
  });

  it(`vouches for no file that is as young as the scan, in a ${format.name} repository`, () => {
    fc.assert(
      fc.property(list, (entries) => {
        const { index, stats } = statFiles(entries, { sinceMs: Number.MIN_SAFE_INTEGER, format });
        const files = { ...write(entries), stats: Buffer.from(stats) };
        const young = { ...files, index: Buffer.concat(index).subarray(INDEX_HEADER_BYTES) };
        for (const { mode, known } of new ContentTable(young, format).records)
          expect(known !== undefined).toBe(fileType(mode) === DIRECTORY);
      }),
      fuzzRuns(100),
    );
  });
}
