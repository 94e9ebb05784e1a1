import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { partsOf, type Scene } from '../scene.ts';
import { change, fill, fillWithMany } from './contents.ts';
import { ada } from './taking.ts';

export async function rollBack(): Promise<Scene> {
  const one = await ada();
  fill(one.root);
  const { id } = await one.take('-m', 'first');
  change(one.root);
  return { parts: partsOf(one), words: ['rollback', '--yes', '-m', 'why', id], steps: 'many' };
}

export async function undo(): Promise<Scene> {
  const one = await ada();
  fill(one.root);
  const { id } = await one.take('-m', 'first');
  change(one.root);
  await one.ok('rollback', '--yes', '-m', 'why', id);
  return { parts: partsOf(one), words: ['rollback', '--undo', '--yes', '-m', 'not that'], steps: 'many', once: true };
}

/** Enough files for the threads to write them. */
export async function rollBackMany(): Promise<Scene> {
  const one = await ada();
  fillWithMany(one.root, 520);
  await one.take('-m', 'many');
  rmSync(join(one.root, '1'), { recursive: true });
  for (let n = 0; n < 520; n++) if (n % 4 !== 1) rmSync(join(one.root, String(n % 4), String(n)));
  writeFileSync(join(one.root, 'other'), 'other\n');
  return { parts: partsOf(one), words: ['rollback', '--yes', '-m', 'why', 'latest'], steps: 'many' };
}

/** An environment that goes back to what was live before. */
export async function rollBackEnvironment(): Promise<Scene> {
  const one = await ada((policy) => {
    Object.assign(policy, { environments: { production: {} } });
  });
  for (const turn of [fill, change]) {
    turn(one.root);
    const { id } = await one.take('-m', turn.name);
    await one.ok('snapshot', 'promote', id, 'production', '-m', 'go', '--yes');
  }
  return {
    parts: partsOf(one),
    words: ['rollback', '--env', 'production', '--yes', '-m', 'why'],
    steps: 'many',
    goesOn: true,
    once: true,
  };
}

/** A directory that is a release already: the next one is made beside it, and the link switched. */
export async function rollBackReleases(): Promise<Scene> {
  const one = await ada((policy) => {
    for (const set of Object.values(policy.sets)) Object.assign(set, { layout: 'releases', keepReleases: 2 });
  });
  fill(one.root);
  const { id: first } = await one.take('-m', 'first');
  change(one.root);
  const { id: second } = await one.take('-m', 'second');
  // Both of those that are kept: one has to go.
  await one.ok('rollback', '--yes', '-m', 'why', first);
  await one.ok('rollback', '--yes', '-m', 'why', second);
  return { parts: partsOf(one), words: ['rollback', '--yes', '-m', 'why', first], steps: 'many' };
}

/** Tries the way back in a copy. The directory has changes, of which a snapshot is taken first. */
export async function rehearse(): Promise<Scene> {
  const one = await ada();
  fill(one.root);
  const { id } = await one.take('-m', 'first');
  change(one.root);
  return { parts: partsOf(one), words: ['snapshot', 'rehearse', id], steps: 'many', verdict: 7 };
}
