import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MANY_FILES } from '../../../src/git/files/sync-file-system.ts';
import { mintInto } from '../../bench/minting/mint-into.ts';
import { around } from '../../support/governed-repo.ts';
import { writePolicy } from '../../support/people.ts';
import { tempDir, tempRepo } from '../../support/temp-repo.ts';
import { partsOf, type Scene } from '../scene.ts';
import { fill } from './contents.ts';
import { ada } from './taking.ts';

/** Four snapshots, under a policy that keeps two. */
async function four() {
  const one = await ada((policy) => {
    policy.retention = { keepLast: 2 };
  });
  fill(one.root);
  const ids: string[] = [];
  for (const n of [1, 2, 3, 4]) {
    writeFileSync(join(one.root, 'own'), `number ${n}\n`);
    ids.push((await one.take('-m', `number ${n}`)).id);
  }
  return { one, ids: ids as [string, string, string, string] };
}

export async function prune(): Promise<Scene> {
  const { one } = await four();
  return { parts: partsOf(one), words: ['snapshot', 'prune', '--apply', '--yes'] };
}

/**
 * So many snapshots to prune that their refs are entered into the file of packed refs which git has prepared: no fewer than
 * {@link MANY_FILES}, and packed before.
 */
export async function pruneMany(): Promise<Scene> {
  const [{ dir, git }, config] = [tempRepo(), tempDir()];
  await mintInto({ directory: dir, count: MANY_FILES + 1, env: { ...process.env, XDG_CONFIG_HOME: config } });
  const one = around({ dir, git }, { XDG_CONFIG_HOME: config });
  await writePolicy(one, (policy) => {
    policy.retention = { keepLast: 1 };
  });
  await one.ok('snapshot', 'policy', 'apply', '--yes', '-q');
  fill(one.root);
  git('pack-refs', '--all');
  return {
    parts: { repo: dir, config },
    words: ['snapshot', 'prune', '--apply', '--yes', '--max-remove', String(MANY_FILES)],
  };
}

export async function undelete(): Promise<Scene> {
  const { one, ids } = await four();
  await one.ok('snapshot', 'prune', '--apply', '--yes');
  return { parts: partsOf(one), words: ['snapshot', 'undelete', ids[0]], whenDone: [4] };
}

export async function hold(): Promise<Scene> {
  const { one, ids } = await four();
  return {
    parts: partsOf(one),
    words: ['snapshot', 'hold', ids[0], '--case', 'audit', '-m', 'asked for'],
    whenDone: [5],
  };
}

export async function release(): Promise<Scene> {
  const { one, ids } = await four();
  await one.ok('snapshot', 'hold', ids[0], '--case', 'audit', '-m', 'asked for');
  return {
    parts: partsOf(one),
    words: ['snapshot', 'release', ids[0], '--case', 'audit', '-m', 'over'],
    whenDone: [4],
  };
}

export async function erase(): Promise<Scene> {
  const { one, ids } = await four();
  const own = one.git('rev-parse', `refs/snapshots/artifacts/${ids[0]}^{}:own`);
  return {
    parts: partsOf(one),
    words: ['snapshot', 'erase', ids[0], '-m', 'leaked', '--yes'],
    steps: 'many',
    whenDone: [4],
    purge: { words: ['snapshot', 'erase', '--purge'], objects: [own] },
  };
}

export async function applyPolicy(): Promise<Scene> {
  const one = await ada();
  await one.write((policy) => {
    policy.retention = { keepLast: 3 };
  });
  return { parts: partsOf(one), words: ['snapshot', 'policy', 'apply', '--yes'], whenDone: [0, 3, 5] };
}
