import { FIRST, person } from '../../support/people.ts';
import { partsOf, type Scene } from '../scene.ts';
import { change, fill, fillWithMany } from './contents.ts';

/** Somebody with a repository that is set up. */
export async function ada(write?: Parameters<Awaited<ReturnType<typeof person>>['write']>[0]) {
  const one = await person(FIRST);
  await one.ok('snapshot', 'init', '--yes', '--key', one.key.slice('openpgp:'.length));
  if (write !== undefined) {
    await one.write(write);
    await one.ok('snapshot', 'policy', 'apply', '--yes', '-q');
  }
  return one;
}

export async function init(): Promise<Scene> {
  const one = await person(FIRST);
  return {
    parts: partsOf(one),
    words: ['snapshot', 'init', '--yes', '--key', one.key.slice('openpgp:'.length)],
    steps: 'many',
    whenDone: [0, 5],
  };
}

export async function createFirst(): Promise<Scene> {
  const one = await ada();
  fill(one.root);
  return { parts: partsOf(one), words: ['snapshot', 'create', '-m', 'first'] };
}

export async function createChanged(): Promise<Scene> {
  const one = await ada();
  fill(one.root);
  await one.take('-m', 'first');
  change(one.root);
  return { parts: partsOf(one), words: ['snapshot', 'create', '-m', 'second'] };
}

export async function createMany(): Promise<Scene> {
  const one = await ada();
  fillWithMany(one.root, 400);
  return { parts: partsOf(one), words: ['snapshot', 'create', '-m', 'many'] };
}
