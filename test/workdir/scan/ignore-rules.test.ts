import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeSet, type ScannedSet } from '../../support/scanned-set.ts';

const bytes = (text: string) => Buffer.from(text, 'latin1');

function write(set: ScannedSet, path: string, content = ''): void {
  const at = bytes(`${set.root}/${path}`);
  mkdirSync(at.subarray(0, at.lastIndexOf('/')), { recursive: true });
  writeFileSync(at, bytes(content));
}

async function pathsOf(set: ScannedSet): Promise<string[]> {
  return (await set.scanAfresh()).entries.map(({ path }) => path);
}

/** What git would list, by ignore files of our name. */
function pathsByGit(set: ScannedSet, exclude: readonly string[]): string[] {
  const excludeFile = join(set.cacheDir, '..', 'test-exclude');
  writeFileSync(excludeFile, bytes(exclude.map((line) => `${line}\n`).join('')));
  // The set is git's work tree here, so that anchored patterns count from the same place.
  const place = [`--git-dir=${join(set.cacheDir, '..')}`, `--work-tree=${set.root}`];
  const out = execFileSync(
    'git',
    [...place, 'ls-files', '-o', '-z', '--exclude-per-directory=.snapshotignore', `--exclude-from=${excludeFile}`],
    { cwd: set.root, encoding: 'latin1' },
  );
  return out.split('\0').slice(0, -1).sort();
}

// Names that meet the patterns below: wildcards, classes, a byte above ASCII, and what git trims or escapes.
const name = fc.constantFrom(
  'a',
  'b',
  'ab',
  'build',
  'x.o',
  '[a]',
  'a b',
  'sp ',
  '\xff',
  '!a',
  '#a',
  'a*',
  'n\nl',
  'A',
  '\\a',
);
const piece = fc.constantFrom(
  'a',
  'b',
  '*',
  '?',
  '**',
  '[ab]',
  '[!a]',
  '[a-z]',
  '[[:alpha:]]',
  '\\a',
  '\\*',
  'build',
  '*.o',
  ' ',
  '\\ ',
  '\xff',
  '[\x80-\xff]',
  'A',
  '[',
  ']',
  'x',
  '\\',
);
const pattern = fc
  .tuple(
    fc.constantFrom('', '', '', '!', '\\!', '#', '\\#'),
    fc.constantFrom('', '', '/', '**/'),
    fc.array(fc.oneof(piece, fc.constant('/')), { minLength: 1, maxLength: 4 }),
    fc.constantFrom('', '', '/', '/**', '/*', ' ', '\r'),
  )
  .map(([start, anchor, middle, end]) => start + anchor + middle.join('') + end);
const rules = fc.array(pattern, { maxLength: 4 });
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'));
const directory = fc.array(name, { maxLength: 2 }).map((names) => names.join('/'));

it('agrees with git about any patterns in any ignore files', async () => {
  const world = fc.record({
    files: fc.array(path, { minLength: 1, maxLength: 12 }),
    ignoreFiles: fc.array(fc.tuple(directory, rules), { maxLength: 3 }),
    exclude: rules,
  });
  await fc.assert(
    fc.asyncProperty(world, async ({ files, ignoreFiles, exclude }) => {
      const set = makeSet({ exclude });
      for (const each of files) tryWrite(set, each, '');
      for (const [where, lines] of ignoreFiles)
        tryWrite(set, `${where}/.snapshotignore`, lines.map((line) => `${line}\n`).join(''));
      const isContent = (each: string) => !each.endsWith('.snapshotignore');
      const ours = (await set.scanAfresh()).entries.filter(({ mode }) => mode !== 0o040000).map((entry) => entry.path);
      expect(ours.filter(isContent)).toEqual(pathsByGit(set, exclude).filter(isContent));
    }),
    { numRuns: Number(process.env['RUNS'] ?? 80) },
  );
});

function tryWrite(set: ScannedSet, where: string, content: string): void {
  try {
    write(set, where, content);
  } catch (error) {
    // The path asks for a directory where a file is, or the reverse.
    if (!(error instanceof Error && 'code' in error && ['EEXIST', 'ENOTDIR', 'EISDIR'].includes(String(error.code))))
      throw error;
  }
}

describe('ignore rules', () => {
  it('lets a deeper file bring a directory back, with what is in it', async () => {
    const set = makeSet();
    write(set, '.snapshotignore', 'build/\n');
    write(set, 'deep/.snapshotignore', '!build/\n');
    write(set, 'deep/build/kept/file');
    write(set, 'build/file');
    expect(await pathsOf(set)).toEqual(['.snapshotignore', 'deep/.snapshotignore', 'deep/build/kept/file']);
  });

  it('puts the policy below the files of the set', async () => {
    const set = makeSet({ exclude: ['*.log', '*.tmp'] });
    write(set, '.snapshotignore', '!keep.log\n');
    for (const each of ['keep.log', 'other.log', 'a.tmp']) write(set, each);
    expect(await pathsOf(set)).toEqual(['.snapshotignore', 'keep.log']);
  });

  it('reports each excluded path once, with its pattern and where that stands', async () => {
    const set = makeSet({ exclude: ['*.log'] });
    write(set, 'sub/.snapshotignore', '# comment\ncache/\n');
    write(set, 'sub/cache/deep/file');
    write(set, 'a.log');
    expect((await set.scanAfresh()).excluded).toEqual(
      expect.arrayContaining([
        { path: 'a.log', directory: false, pattern: '*.log', source: 'policy' },
        { path: 'sub/cache', directory: true, pattern: 'cache/', source: 'sub/.snapshotignore' },
      ]),
    );
    expect((await set.scanAfresh()).excluded).toHaveLength(2);
  });

  it('takes the ignore files into the snapshot, whatever they say', async () => {
    const set = makeSet({ exclude: ['.*'] });
    write(set, '.snapshotignore', '*\n');
    write(set, 'file');
    expect(await pathsOf(set)).toEqual(['.snapshotignore']);
  });

  it('matches bytes, case-sensitively', async () => {
    const set = makeSet({ exclude: ['\xe9*', 'readme'] });
    for (const each of ['\xe9t\xe9', '\xc3\xa9', 'README', 'readme']) write(set, each);
    expect(await pathsOf(set)).toEqual(['README', '\xc3\xa9']);
  });

  it('skips a byte order mark, and heeds no ignore file that is a link or a directory', async () => {
    const set = makeSet();
    write(set, '.snapshotignore', '\xef\xbb\xbfa\n');
    for (const each of ['a', 'rules', 'linked/b', 'odd/.snapshotignore/c']) write(set, each, 'b\nc\n');
    symlinkSync('../rules', join(set.root, 'linked/.snapshotignore'));
    expect(await pathsOf(set)).toEqual([
      '.snapshotignore',
      'linked/.snapshotignore',
      'linked/b',
      'odd/.snapshotignore/c',
      'rules',
    ]);
  });

  it('takes a directory with nothing but excluded files for no entry', async () => {
    const set = makeSet({ exclude: ['*.o'] });
    write(set, 'objects/a.o');
    mkdirSync(join(set.root, 'empty'));
    expect((await set.scanAfresh()).entries.map(({ path: p, mode }) => [p, mode])).toEqual([['empty', 0o040000]]);
  });
});
