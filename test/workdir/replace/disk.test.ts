import { lutimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { formatReleaseRecord, parseReleaseRecord } from '../../../src/core/rollback/release-record.ts';
import { lstat, sync } from '../../../src/workdir/replace/disk.ts';
import { markOf, sameContent } from '../../../src/workdir/replace/marks.ts';
import { linkOrCopy } from '../../../src/workdir/replace/tree.ts';
import { tempDir } from '../../support/temp-repo.ts';

vi.mock('node:fs', async (load) => ({
  ...(await load<typeof import('node:fs')>()),
  linkSync: () => {
    throw Object.assign(new Error('no second names here'), { syscall: 'link', code: 'EPERM' });
  },
}));

it.each([
  [-1.5, -2, 500_000_000],
  [-1, -1, 0],
  [1.5, 1, 500_000_000],
])(
  'a file of second %d has whole seconds and what is above them, and so has its copy',
  (mtime, mtimeSec, mtimeNsec) => {
    const file = join(tempDir(), 'file');
    writeFileSync(file, 'x');
    lutimesSync(file, `${mtime}`, `${mtime}`);
    const stat = lstat(file);
    if (stat === undefined) throw new Error('it is not there');
    expect(stat).toMatchObject({ mtimeSec, mtimeNsec });
    // Otherwise what is written with such a mark cannot be read again.
    const record = { content: new Map(), others: new Map([['file', markOf(stat)]]) };
    expect(parseReleaseRecord(formatReleaseRecord(record))).toEqual(record);
    linkOrCopy(file, `${file}.copy`);
    const copy = lstat(`${file}.copy`);
    expect(copy?.ino).not.toBe(stat.ino);
    expect(copy !== undefined && sameContent(markOf(stat), copy)).toBe(true);
  },
);

it.runIf(process.platform === 'linux')('a call on an open file that fails says which file that is', () => {
  // Nothing there can be made to last.
  expect(() => sync('/proc/self/status')).toThrow(expect.objectContaining({ path: '/proc/self/status' }));
});
