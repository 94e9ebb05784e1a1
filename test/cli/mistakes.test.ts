import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { around, governedRepo } from '../support/governed-repo.ts';
import { programs } from '../support/programs.ts';
import { tempDir, tempRepo } from '../support/temp-repo.ts';

/** Every message is of this form: the fact in small letters, no stack, and at least one hint what to type or to look at. */
function expectGood(stderr: string, words = ''): void {
  expect(stderr, words).toMatch(/^error: (?!error|Error|[A-Z][a-z]+Error)/);
  expect(stderr, words).not.toMatch(/^ {4}at |node:internal|\bundefined\b|\[object/m);
  expect(stderr.match(/^error: /gm), words).toHaveLength(1);
  expect(stderr, words).toMatch(/^hint: [^\n]{10,}$/m);
}

const MISTAKES: readonly (readonly [code: number | null, words: string, says: string])[] = [
  [2, 'snapshot frobnicate', "'frobnicate' is not a command of git snapshot"],
  [2, 'snapshot help frobnicate', "'frobnicate' is not a command of git snapshot"],
  [2, 'snapshot statsu', "did you mean 'status'?"],
  [2, 'snapshot --versoin', "did you mean '--version'?"],
  [2, 'snapshot list -n 0', "option '--limit' takes a whole number above 0, not '0'"],
  [2, 'snapshot log --type foo', 'rehearsal or resume, not'],
  [2, 'snapshot log --since yesterday', "'yesterday' is not a time"],
  [2, 'snapshot -m', "option '--message' needs a value"],
  [2, 'snapshot -l foo', "'foo' is not a label"],
  [4, 'snapshot -F /nonexistent', "cannot read the message from '/nonexistent': no such file or directory"],
  [2, 'snapshot -F .', "cannot read the message from '.': it is a directory"],
  [4, 'snapshot -C /nonexistent status', "no such directory: '/nonexistent'"],
  [4, 'snapshot --set nosuch', "there is no set 'nosuch'"],
  [2, 'snapshot init --set a', "set 'a' is not SET=PATH"],
  [5, 'snapshot init --yes', 'this repository is already set up'],
  [2, 'snapshot show nosuch', "'nosuch' does not name a snapshot"],
  [4, 'snapshot show nosuch/latest', "there is no set 'nosuch'"],
  [4, 'snapshot show latest~9', "there is no snapshot 'latest~9'"],
  [4, 'snapshot show 2099', "there is no snapshot '2099'"],
  [4, 'snapshot show @production', "there is no environment 'production'"],
  [2, 'snapshot restore', 'no snapshot given'],
  [2, 'snapshot verify --all latest', "'<snapshot>' and '--all' cannot be used together"],
  [4, 'snapshot verify --bundle /nonexistent', "cannot read '/nonexistent': no such file or directory"],
  [4, 'snapshot import /nonexistent', "cannot read '/nonexistent': no such file or directory"],
  [6, 'snapshot import plain.txt', "'plain.txt': is not a bundle, a tar or a zip file"],
  [3, 'snapshot import artifacts', "'artifacts' is a directory, and not a file"],
  [2, 'snapshot export -o artifacts', "'artifacts' is a directory"],
  [2, 'snapshot export -o artifacts --force', "'artifacts' is a directory"],
  [5, 'snapshot export -o plain.txt', "'plain.txt' exists"],
  [4, 'snapshot export -o no/such', "cannot write 'no/such': no such file or directory"],
  [2, 'snapshot report --html no/such', "/no/such': no such directory"],
  [4, 'snapshot prune --simulate /nonexistent', "cannot read '/nonexistent': no such file or directory"],
  [2, 'snapshot prune --keep-within 5x', "'x' is not a unit"],
  [2, 'snapshot prune --explain nosuch', "'nosuch' does not name a snapshot"],
  [4, 'snapshot prune --explain 2099', "no snapshot '2099' in the plan"],
  [4, 'snapshot undelete nosuch', "there is no 'nosuch' in the trash"],
  [2, 'snapshot hold latest', 'no case named'],
  [2, 'snapshot hold latest --case A -m x', "the case 'A' is not a valid name"],
  [2, 'snapshot erase latest', 'no reason given'],
  [2, 'snapshot erase latest -m x', 'cannot ask for confirmation: not on a terminal'],
  [4, 'snapshot promote latest production', "there is no environment 'production'"],
  [4, 'snapshot promote latest production -m x', "there is no environment 'production'"],
  [2, 'snapshot approve production/0 -m x', "'production/0' does not name a promotion"],
  [4, 'snapshot review', 'no promotion waits anywhere'],
  [4, 'snapshot policy apply', "there is no file '"],
  [4, 'snapshot policy apply no.yaml', "there is no file '"],
  [3, 'snapshot policy check artifacts', 'it is a directory'],
  [2, 'snapshot policy frob', "'frob' is not an action of git snapshot policy"],
  [4, 'snapshot key add /nonexistent --person bob', "cannot read '/nonexistent': no such file or directory"],
  [
    2,
    'snapshot key add plain.txt --person bob',
    "cannot take the key in 'plain.txt': not the line of an SSH public key",
  ],
  [2, 'snapshot trust pin foo', "'foo' is not the digest of a policy"],
  [3, 'snapshot fetch', 'this repository has no remote'],
  [4, 'snapshot fetch nosuch', "there is no remote 'nosuch'"],
  [2, 'snapshot fetch --drop x', "'x' is not the number of an event"],
  [4, 'rollback --set nosuch', "there is no set 'nosuch'"],
  [4, 'rollback --steps 9', 'there is no other snapshot before'],
  [4, 'rollback --path nosuch', "path 'nosuch' matches nothing"],
  [4, 'rollback --path artifacts/a', "Paths are relative to the directory of the set: 'a'."],
  [4, 'snapshot diff latest --path artifacts/a', "Paths are relative to the directory of the set: 'a'."],
  [2, 'snapshot prune --apply --dry-run', "'--apply' and '--dry-run' cannot be used together"],
  [2, 'rollback --path ../..', "'../..' is not a path inside the set"],
  [2, 'rollback --undo --path a', "'--undo' and '--path' cannot be used together"],
  [2, 'rollback --past-gates', '--past-gates needs a reason'],
  [4, 'rollback --continue', 'is unfinished'],
  [4, 'rollback --abort', 'is unfinished'],
  [2, 'rollback one two', "unexpected argument 'two'"],
];

describe('a mistake is told as git does, with what to type', () => {
  test('on the command line', async () => {
    const repo = await governedRepo();
    writeFileSync(join(repo.root, 'a'), '1');
    await repo.take('-m', 'first');
    writeFileSync(join(repo.dir, 'plain.txt'), 'text\n');
    const told: (typeof MISTAKES)[number][] = [];
    for (const [, words, says] of MISTAKES) {
      const { code, stderr } = await repo.run(words.split(' '));
      told.push([code, words, stderr.includes(says) ? says : stderr]);
      if (code !== 0) expectGood(stderr, words);
    }
    expect(told).toEqual(MISTAKES);
  });

  test('what stands in the place of the directory', async () => {
    const other = await governedRepo();
    rmSync(other.root, { recursive: true, force: true });
    for (const make of [() => writeFileSync(other.root, 'a file'), () => symlinkSync('nowhere', other.root)]) {
      make();
      for (const words of [['snapshot'], ['snapshot', 'status'], ['snapshot', 'create', '--dry-run']]) {
        const { stderr } = await other.expect(3, words);
        expect(stderr).toContain("artifacts' is not a directory");
        expectGood(stderr);
      }
      rmSync(other.root);
    }
    const { stderr } = await other.expect(4, ['snapshot']);
    expect(stderr).toContain("the directory of the set 'artifacts' does not exist");
    expectGood(stderr);
  });

  test('a place where there is no repository, no policy, or no working tree', async () => {
    const repo = await governedRepo();
    const nowhere = around({ dir: tempDir(), git: repo.git }, {});
    expect((await nowhere.expect(4, ['snapshot', 'status'])).stderr).toContain('not in a git repository');
    const empty = around(tempRepo(), {});
    expect((await empty.expect(3, ['snapshot'])).stderr).toContain('this repository has no snapshot policy');
    const inside = around({ dir: join(repo.dir, '.git'), git: repo.git }, {});
    const { stderr } = await inside.expect(3, ['snapshot', 'status']);
    expect(stderr).toContain('there is no working tree here');
    expectGood(stderr);
  });

  test('a current directory that is gone', async () => {
    const script = (await programs()).script('git-snapshot');
    const gone = join(tempDir(), 'gone');
    mkdirSync(gone);
    const line = `cd "${gone}" && rmdir "${gone}" && "${process.execPath}" "${script}" status`;
    const { status, stderr } = spawnSync('bash', ['-c', line], { encoding: 'utf8' });
    expect([status, stderr.match(/^error: .*$/m)?.[0]]).toEqual([
      4,
      'error: the current directory is not there any more',
    ]);
    expect(stderr).not.toContain('node:internal');
  });
});
