import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { governedRepo } from '../../support/governed-repo.ts';
import { programs } from '../../support/programs.ts';

test('a snapshot of what was there before a rollback that ended meanwhile is refused', async () => {
  const repo = await governedRepo();
  writeFileSync(join(repo.root, 'a'), 'good');
  const { id } = await repo.take('-m', 'good');
  // A gate comes between the reading of the directory and the publishing of the snapshot.
  const go = join(repo.dir, '.git/go');
  // Gates know nothing of the user, who has this one's key.
  const user = Object.entries(process.env)
    .filter(([name]) => /^(HOME|XDG_CONFIG_HOME|GIT_.*)$/.test(name))
    .map(([name, value]) => `${name}='${value}'`)
    .join(' ');
  const rollback = `env ${user} ${process.execPath} ${(await programs()).script('git-rollback')} --yes -m 'go back' ${id}`;
  const script = `if [ -f ${go} ]; then rm ${go}; cd ${repo.dir} && ${rollback}; fi`;
  const policy = parse(await repo.ok('snapshot', 'policy', 'show', '--yaml'));
  policy.gates = { slow: { type: 'command', argv: ['sh', '-c', script] } };
  policy.sets.artifacts.gates = ['slow'];
  mkdirSync(join(repo.dir, '.snapshots'), { recursive: true });
  writeFileSync(join(repo.dir, '.snapshots/policy.yaml'), stringify(policy));
  await repo.ok('snapshot', 'policy', 'apply', '--yes');

  writeFileSync(join(repo.root, 'a'), 'bad');
  writeFileSync(go, '');
  const { stderr } = await repo.expect(5, ['snapshot', 'create', '-m', 'nightly']);
  expect(stderr).toContain("the set 'artifacts' was rolled back meanwhile");
  expect(readFileSync(join(repo.root, 'a'), 'utf8')).toBe('good');
  expect(await repo.json('snapshot', 'status')).toMatchObject({ clean: true, snapshot: { id } });
  await repo.ok('rollback', '--undo', '--yes');
  expect(readFileSync(join(repo.root, 'a'), 'utf8')).toBe('bad');
});
