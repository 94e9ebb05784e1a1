import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DOCUMENTS } from '../../src/cli/schemas/documents.ts';
import { type GovernedRepo, governedRepo } from '../support/governed-repo.ts';

/** What a checkup has to say of rules. */
async function notes(repo: GovernedRepo) {
  const { checks } = DOCUMENTS.doctor.parse(JSON.parse(await repo.ok('snapshot', 'doctor', '--json')));
  return checks.filter(({ check }) => check.startsWith('rules of ')).map(({ verdict, detail }) => [verdict, detail]);
}

test('rules that leave nothing out are told of, when a snapshot is taken and in a checkup', async () => {
  const repo = await governedRepo({ init: ['--path', 'build/out'] });
  const root = join(repo.dir, 'build/out');
  mkdirSync(join(root, 'logs'), { recursive: true });
  for (const path of ['a', 'secret', 'logs/b']) writeFileSync(join(root, path), path);
  writeFileSync(join(root, 'logs/.snapshotignore'), 'b\n');
  expect(await notes(repo)).toEqual([]);
  expect((await repo.expect(0, ['snapshot', 'create', '--dry-run'])).stderr).not.toContain('warning');

  for (const place of ['', 'build']) writeFileSync(join(repo.dir, place, '.snapshotignore'), 'secret\n');
  symlinkSync('logs/.snapshotignore', join(root, '.snapshotignore'));
  const said = [
    "'.snapshotignore' leaves nothing out of set 'artifacts': it is not in 'build/out/'",
    "'build/.snapshotignore' leaves nothing out of set 'artifacts': it is not in 'build/out/'",
    "'build/out/.snapshotignore' leaves nothing out of set 'artifacts': it is a link",
  ];
  expect(await notes(repo)).toEqual(said.map((detail) => ['note', detail]));
  for (const words of [['--dry-run'], []]) {
    const { stderr } = await repo.expect(0, ['snapshot', 'create', ...words]);
    expect(stderr.split('\n').filter((line) => line.startsWith('warning: '))).toEqual(
      said.map((detail) => `warning: ${detail}`),
    );
  }
  expect(await repo.ok('snapshot', 'manifest')).toContain('secret');
});
