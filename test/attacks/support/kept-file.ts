import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Scene } from './scene.ts';

/** Where ada keeps the events that she has verified. */
export function keptFile({ env, repo }: Scene): string {
  const [clone = '', repository = ''] = readFileSync(join(repo.dir, '.git/snapshot/clone'), 'latin1').split(/[ \n]/);
  return join(env.XDG_CONFIG_HOME, 'git-snapshot/seen', repository, `${clone}.events`);
}
