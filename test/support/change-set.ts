import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { GovernedRepo } from './governed-repo.ts';

/** Puts a policy in force in which the set `artifacts` has these fields, too. */
export async function changeSet(repo: GovernedRepo, fields: Readonly<Record<string, unknown>>): Promise<void> {
  const policy = parse(await repo.ok('snapshot', 'policy', 'show', '--yaml'));
  Object.assign(policy.sets.artifacts, fields);
  mkdirSync(join(repo.dir, '.snapshots'), { recursive: true });
  writeFileSync(join(repo.dir, '.snapshots/policy.yaml'), stringify(policy));
  await repo.ok('snapshot', 'policy', 'apply', '--yes');
}
