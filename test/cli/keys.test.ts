import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { adaAndBen, FIRST, person } from '../support/people.ts';
import { tempDir } from '../support/temp-repo.ts';

test('a key that is added speaks for the person, and somebody new has no role', async () => {
  const [ada, ben] = [await person(FIRST), await person('ben')];
  await ada.ok('snapshot', 'init', '--yes', '--key', ada.key.slice('openpgp:'.length));
  const { root } = await ada.json<{ root: { found: string } }>('snapshot', 'trust');
  const added = await ada.expect(0, [
    'snapshot',
    'key',
    'add',
    ben.keyFile,
    '--person',
    'ben',
    '--name',
    'Ben E.',
    '--yes',
  ]);
  expect(added.stdout).toContain('policy version 2 is in force');
  expect(await ada.ok('snapshot', 'policy')).toMatch(new RegExp(`\\nben +${ben.key} +Ben E\\.\\n`));
  ben.pull(ada);
  await ben.ok('snapshot', 'trust', 'pin', root.found);
  writeFileSync(join(ben.root, 'a'), '1');
  expect((await ben.expect(6, ['snapshot', 'create'])).stderr).toContain("does not have the role 'snapshotter'");
  expect((await ada.expect(5, ['snapshot', 'key', 'add', ben.keyFile, '--person', 'ben', '--yes'])).stderr).toContain(
    "is already ben's key",
  );
  const nameless = ['snapshot', 'key', 'add', (await person('eve')).keyFile, '--person', 'Eve E', '--yes'];
  expect((await ada.expect(2, nameless)).stderr).toContain('is not a valid name');
  expect((await ada.expect(4, ['snapshot', 'key', 'add', 'none.asc', '--person', 'eve', '--yes'])).stderr).toContain(
    "cannot read '",
  );
});

test('a private key is not taken for a public one', async () => {
  const ada = await person(FIRST);
  await ada.ok('snapshot', 'init', '--yes', '--key', ada.key.slice('openpgp:'.length));
  const home = join(ada.keyFile, '../git-snapshot/keys', `${ada.key.slice('openpgp:'.length)}.asc`);
  expect(readFileSync(home, 'utf8')).toContain('PRIVATE KEY');
  const { code, stderr } = await ada.run(['snapshot', 'key', 'add', home, '--person', 'ben', '--yes']);
  expect(code).not.toBe(0);
  expect(code).not.toBe(70);
  expect(stderr).toMatch(/^error: /);
});

test('rotate makes a key, puts it in the place of the old one, and says which is which', async () => {
  const ada = await person(FIRST);
  await ada.ok('snapshot', 'init', '--yes', '--key', ada.key.slice('openpgp:'.length));
  // With nobody to ask, no key is made that nothing would come of.
  await ada.expect(2, ['snapshot', 'key', 'rotate']);
  expect(readdirSync(join(ada.keyFile, '../git-snapshot/keys'))).toHaveLength(1);
  const { stdout, stderr } = await ada.expect(0, ['snapshot', 'key', 'rotate', '--no-passphrase', '--yes']);
  const added = /^added {3}(openpgp:[0-9A-F]{40})$/m.exec(stdout)?.[1];
  expect(stdout).toContain(`retired ${ada.key}\n`);
  expect(stderr).toContain('Keep a copy of the new key file');
  expect(await ada.ok('snapshot', 'key', 'list')).toMatch(
    new RegExp(`^KEY .*\\n${added} +${FIRST} +active +2- +never +root, .*\\n${ada.key} +${FIRST} +retired +1-1 `),
  );
});

test('a key is named by the end of its fingerprint or by its person, and by nothing that means two', async () => {
  const { ada, ben } = await adaAndBen({ threshold: 1 });
  const shown = async (word: string) =>
    (await ada.json<{ key: string }[]>('snapshot', 'key', 'export', word)).map(({ key }) => key);
  expect(await shown('ben')).toEqual([ben.key]);
  expect(await shown(ben.key)).toEqual([ben.key]);
  expect(await shown(ben.key.slice(-8).toLowerCase())).toEqual([ben.key]);
  expect((await ada.expect(4, ['snapshot', 'key', 'export', ben.key.slice(-7)])).stderr).toContain('has no key');
  await ada.ok('snapshot', 'key', 'add', (await person('more')).keyFile, '--person', 'ben', '--yes');
  expect((await ada.expect(2, ['snapshot', 'key', 'export', 'ben'])).stderr).toContain('can mean several keys');
});

test('an event that there is not yet cannot be where a revocation begins', async () => {
  const { ada } = await adaAndBen({ threshold: 1 });
  const words = ['snapshot', 'key', 'revoke', 'ben', '--reason', 'lost', '--since', '99', '--yes'];
  expect((await ada.expect(2, words)).stderr).toContain('the log has no event 99 yet');
});

test('SSH keys are exported as lines that ssh-keygen finds signers by', async () => {
  const ada = await person(FIRST);
  await ada.ok('snapshot', 'init', '--yes', '--key', ada.key.slice('openpgp:'.length));
  const dir = tempDir();
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'ben', '-f', join(dir, 'id')]);
  await ada.ok('snapshot', 'key', 'add', join(dir, 'id.pub'), '--person', 'ben', '--yes');
  const lines = await ada.ok('snapshot', 'key', 'export', '--allowed-signers');
  expect(lines).toMatch(/^ben namespaces="git" ssh-ed25519 [A-Za-z0-9+/=]+\n$/);
  writeFileSync(join(dir, 'allowed'), lines);
  execFileSync('ssh-keygen', ['-q', '-Y', 'sign', '-f', join(dir, 'id'), '-n', 'git', join(dir, 'allowed')], {
    stdio: 'ignore',
  });
  const found = ['-Y', 'find-principals', '-f', join(dir, 'allowed'), '-s', join(dir, 'allowed.sig')];
  expect(execFileSync('ssh-keygen', found, { encoding: 'utf8' })).toBe('ben\n');
});
