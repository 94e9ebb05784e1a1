import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { governedRepo } from '../../support/governed-repo.ts';

it('an environment that was rolled back goes further back the next time, and stays where an undo puts the directory forward', async () => {
  const repo = await governedRepo();
  const policy = parse(await repo.ok('snapshot', 'policy', 'show', '--yaml'));
  const everybody = Object.keys(policy.people);
  Object.assign(policy, { environments: { production: {} } });
  Object.assign(policy.roles, { promoter: [...everybody], releaser: [...everybody] });
  mkdirSync(join(repo.dir, '.snapshots'), { recursive: true });
  writeFileSync(join(repo.dir, '.snapshots/policy.yaml'), stringify(policy));
  await repo.ok('snapshot', 'policy', 'apply', '--yes');
  const ids: string[] = [];
  for (const name of ['zero', 'one', 'two']) {
    writeFileSync(join(repo.root, 'a'), name);
    ids.push((await repo.take('-m', name)).id);
    await repo.ok('snapshot', 'promote', 'latest', 'production', '--yes', '-m', name);
  }
  const back = ['rollback', '--env', 'production', '--yes', '-m', 'x'];
  expect((await repo.expect(0, back)).stderr).not.toContain('already');

  const undone = await repo.expect(0, ['rollback', '--undo', '--yes']);
  expect(undone.stderr).toContain(
    `warning: production stays at ${ids[1]}: this takes back the directory alone. Both: git rollback --env production ${ids[2]}\n`,
  );
  expect(readFileSync(join(repo.root, 'a'), 'utf8')).toBe('two');

  // It is told before anybody is asked.
  const asked = await repo.expect(0, [...back, '--dry-run']);
  const further = `production/4 is a rollback already, to ${ids[1]}: this goes further back, to ${ids[0]}. Forward again: git rollback --env production ${ids[2]}\n`;
  expect(asked.stderr).toContain(further);
  expect((await repo.expect(0, back)).stderr).toContain(further);
  expect(readFileSync(join(repo.root, 'a'), 'utf8')).toBe('zero');
});
