import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { refuseEntryName, refuseLinkTarget, refusePath, refusePathName } from '../../src/core/paths.ts';
import { type TempRepo, tempRepo } from '../support/temp-repo.ts';

const BLOB = 0o100644;
const LINK = 0o120000;
const TREE = 0o040000;

/** Whether `git fsck --strict` is content with a tree that has one entry of that name. Its ids of findings otherwise. */
function fsck(repo: TempRepo, name: string, mode: number): string[] {
  // Fsck looks at every object there is.
  rmSync(join(repo.dir, '.git/objects'), { recursive: true });
  mkdirSync(join(repo.dir, '.git/objects'));
  const run = (args: string[], input?: Buffer) => spawnSync('git', args, { cwd: repo.dir, input });
  const oid = { [BLOB]: 'blob', [LINK]: 'blob', [TREE]: 'tree' }[mode] ?? 'blob';
  const target = run(['hash-object', '-w', '-t', oid, '--stdin'], Buffer.alloc(0)).stdout.toString().trim();
  const entry = Buffer.concat([Buffer.from(`${mode.toString(8)} ${name}\0`, 'latin1'), Buffer.from(target, 'hex')]);
  const tree = run(['hash-object', '-w', '-t', 'tree', '--stdin', '--literally'], entry).stdout.toString().trim();
  const { stderr } = run(['fsck', '--strict', '--no-dangling', tree]);
  return [...stderr.toString().matchAll(/^error in \w+ \w+: (\w+)/gm)].map(([, id = '']) => id);
}

const dot = fc.constantFrom(
  '.git',
  '.GIT',
  'git~1',
  'GIT~1',
  'git~2',
  '.gitmodules',
  'gitmod~1',
  'gitmod~4',
  'gitmod~5',
  'gi7eba~1',
  'gi7eb~10',
  'gi~12345',
  '.gitattributes',
  'gitatt~1',
  'gi7d29~1',
  '.gitx',
  'git',
  'x.git',
  'gitmod~0',
  'gi7eba~0',
);
const noise = fc.constantFrom(
  '',
  '',
  '.',
  ' ',
  ' .',
  ':',
  '::$INDEX_ALLOCATION',
  ':x',
  '\\',
  '\\x',
  'x',
  '\xe2\x80\x8c',
  '\xef\xbb\xbf',
  '\xe2\x81\xaf',
  '\xc5\xbf',
  '\xff',
  'a\\.git',
  '~1',
);
const split = fc.tuple(dot, fc.nat(6), noise).map(([name, at, extra]) => name.slice(0, at) + extra + name.slice(at));
const name = fc
  .oneof(
    split,
    fc.tuple(noise, dot, noise, noise).map((parts) => parts.join('')),
  )
  .filter((text) => text !== '');

describe('refuseEntryName', () => {
  it('refuses what fsck refuses, and no more', () => {
    const repo = tempRepo();
    fc.assert(
      fc.property(name, fc.constantFrom(BLOB, LINK, TREE), (text, mode) => {
        const findings = fsck(repo, text, mode).filter((id) => id !== 'gitmodulesParse');
        const refused = refuseEntryName(text, mode) !== undefined;
        // For git a backslash ends `.git`, but not `.gitmodules`; for us all names alike.
        if (refused && text.includes('\\')) return;
        expect([text, refused]).toEqual([text, findings.length > 0]);
      }),
      { numRuns: Number(process.env['RUNS'] ?? 150) },
    );
  });

  it('takes .gitmodules and .gitattributes as files only', () => {
    for (const each of ['.gitmodules', '.GitAttributes', 'GITMOD~1']) {
      expect(refuseEntryName(each, BLOB)).toBeUndefined();
      expect(refuseEntryName(each, TREE)).toContain('no regular file');
    }
    expect(refuseEntryName('.gitmodules', LINK)).toContain('no regular file');
    expect(refuseEntryName('.gitattributes', LINK)).toBeUndefined();
  });
});

describe('refusePathName', () => {
  it.each([
    '',
    '.',
    '..',
    'a/b',
    'a\0b',
    '.git',
    '.Git',
    'git~1',
    '.git ',
    '.git...',
    '.git::$INDEX_ALLOCATION',
    '.g\xe2\x80\x8cit',
    'a\\.git',
  ])('refuses %j', (each) => expect(refusePathName(each)).toBeTypeOf('string'));

  it.each(['...', 'git', '.gitignore', 'git~2', 'a\\b', 'a\nb', '\xff\xfe', ' ', '.g\xffit', 'CON', 'a.'])(
    'takes %j',
    (each) => expect(refusePathName(each)).toBeUndefined(),
  );
});

describe('refusePath', () => {
  it('looks at every name, the length and the depth', () => {
    expect(refusePath('a/b/c')).toBeUndefined();
    for (const bad of ['a//b', '/a', 'a/', 'a/../b', 'a/.git/b']) expect(refusePath(bad)).toBeTypeOf('string');
    expect(refusePath('a'.repeat(4096))).toBeUndefined();
    expect(refusePath('a'.repeat(4097))).toContain('4096 bytes');
    expect(refusePath(Array(512).fill('a').join('/'))).toBeUndefined();
    expect(refusePath(Array(513).fill('a').join('/'))).toContain('512 names');
  });
});

describe('refuseLinkTarget', () => {
  it.each([
    ['link', 'file'],
    ['link', './a/./b//c'],
    ['a/b/link', '../../c'],
    ['a/link', '..'],
    ['link', '...'],
  ])('takes %j to %j', (path, target) => expect(refuseLinkTarget(path, target)).toBeUndefined());

  it.each([
    ['link', '/etc/passwd'],
    ['link', '..'],
    ['a/link', '../../b'],
    ['a/link', './../.././b'],
    ['a/b/link', 'name/../../../..'],
    ['link', 'other-link/..'],
  ])('refuses %j to %j', (path, target) => expect(refuseLinkTarget(path, target)).toBeTypeOf('string'));
});
