import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SnapshotError } from '../../../src/core/errors.ts';
import { makeRehearsalPlace } from '../../../src/workdir/rehearsal/rehearsal-place.ts';
import { makeStandIns } from '../../../src/workdir/rehearsal/stand-ins.ts';
import { look } from '../../support/governed-repo.ts';
import { tempDir } from '../../support/temp-repo.ts';

test('a place is made where there is room for it, and goes with all in it', () => {
  const gitDir = tempDir();
  const place = makeRehearsalPlace({ gitDir, name: '0123', neededBytes: 4096 });
  writeFileSync(join(place.directory, 'x'), 'x');
  // Another process of ours finds its owner at work.
  const other = makeRehearsalPlace({ gitDir, name: '4567', neededBytes: 4096 });
  expect(readdirSync(join(gitDir, 'snapshot/rehearsal')).sort()).toEqual(['0123', '4567']);
  place.remove();
  place.remove();
  other.remove();
  expect(readdirSync(join(gitDir, 'snapshot/rehearsal'))).toEqual([]);
});

test('without room nothing is made', () => {
  const gitDir = tempDir();
  const make = () => makeRehearsalPlace({ gitDir, name: '0123', neededBytes: 2 ** 60 });
  expect(make).toThrow(SnapshotError);
  expect(make).toThrow(/needs 1099511627776 MiB in .*, and only \d+ MiB are free/);
  expect(readdirSync(join(gitDir, 'snapshot/rehearsal'))).toEqual([]);
});

test('what nobody owns stays for as long as somebody may be making it', () => {
  const gitDir = tempDir();
  const home = join(gitDir, 'snapshot/rehearsal');
  mkdirSync(join(home, 'young.new'), { recursive: true });
  mkdirSync(join(home, 'damaged'));
  writeFileSync(join(home, 'damaged/owner'), '{"pid":');
  makeRehearsalPlace({ gitDir, name: '0123', neededBytes: 0 }).remove();
  expect(readdirSync(home).sort()).toEqual(['damaged', 'young.new']);
  utimesSync(join(home, 'damaged'), 0, 0);
  // By the time of its last change, which nobody can set.
  makeRehearsalPlace({ gitDir, name: '0123', neededBytes: 0 }).remove();
  expect(existsSync(join(home, 'damaged'))).toBe(true);
});

test('stand-ins hold nothing, and are in the way of nothing', () => {
  const root = tempDir();
  writeFileSync(join(root, 'there'), 'kept');
  const rule = { pattern: '', source: '' };
  makeStandIns(root, {
    excluded: [
      { path: 'cache', directory: true, ...rule },
      { path: 'deep/er/log.txt', directory: false, ...rule },
      { path: 'there', directory: false, ...rule },
      { path: 'there/below', directory: false, ...rule },
    ],
    unfit: ['run/socket', 'there'].map((path) => ({ path, what: 'a socket' })),
  });
  expect(look(root).filter((line) => !/^[0-9a-f]{64} /.test(line))).toEqual([
    'd cache',
    'f 644 0 deep/er/log.txt',
    'f 644 4 there',
    expect.stringMatching(/^l run\/socket -> \//),
  ]);
});
