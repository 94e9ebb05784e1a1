import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect, test } from 'vitest';
import { tempGnupg } from '../support/gnupg.ts';
import { around } from '../support/governed-repo.ts';
import { FIRST, person } from '../support/people.ts';
import { programs } from '../support/programs.ts';
import { tempDir } from '../support/temp-repo.ts';

const README = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8');

test('a snapshot is proven without this program, whatever keys the policy has', async () => {
  const [, block = ''] = /^## Proof without this program\n\n```sh\n(.*?)^```/ms.exec(README) ?? [];
  const [ada, ben] = [await person(FIRST), await person('ben')];
  await ada.ok('snapshot', 'init', '--yes', '--key', ada.key.slice('openpgp:'.length));
  await ada.ok('snapshot', 'key', 'add', ben.keyFile, '--person', 'ben', '--yes');
  const ssh = join(tempDir(), 'id');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', ssh]);
  await ada.ok('snapshot', 'key', 'add', `${ssh}.pub`, '--person', FIRST, '--yes');
  writeFileSync(join(ada.root, 'file'), 'one\n');
  await ada.ok('snapshot', 'create', '-m', 'by OpenPGP');

  const { root } = await ada.json<{ root: { found: string } }>('snapshot', 'trust');
  const { env: gnupg } = tempGnupg();
  const { bin } = await programs();
  const prove = () =>
    spawnSync('sh', ['-e', '-c', `${block}rm -r somewhere signers`], {
      cwd: ada.dir,
      env: { ...gnupg, GIT_SNAPSHOT_TRUST_ROOT: root.found, PATH: [bin, process.env['PATH']].join(delimiter) },
      encoding: 'utf8',
    });
  const first = prove();
  expect(first.status, first.stderr).toBe(0);
  expect(first.stderr).toContain(`Good signature from "${FIRST} `);
  expect(first.stdout).toContain('file: OK');

  // The same person, with the other key.
  ada.git('config', 'gpg.format', 'ssh');
  ada.git('config', 'user.signingKey', `${ssh}.pub`);
  writeFileSync(join(ada.root, 'file'), 'two\n');
  const elsewhere = { XDG_CONFIG_HOME: tempDir(), GIT_SNAPSHOT_TRUST_ROOT: root.found };
  await around(ada, elsewhere).ok('snapshot', 'create', '-m', 'by SSH');
  const second = prove();
  expect(second.status, second.stderr).toBe(0);
  expect(second.stdout + second.stderr).toMatch(/Good "git" signature .*ED25519/);
});
