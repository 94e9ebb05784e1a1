import { people, take } from '../../flows/share/clones.ts';
import { partsOf, type Scene } from '../scene.ts';

export async function push(): Promise<Scene> {
  const { ada, server } = await people(['ben']);
  await take(ada, 'one');
  return { parts: { ...partsOf(ada), server: server.dir }, words: ['snapshot', 'push'], steps: 'many' };
}

export async function fetch(): Promise<Scene> {
  const { ada, others, server } = await people(['ben']);
  await take(ada, 'one');
  await ada.ok('snapshot', 'push');
  return { parts: { ...partsOf(others.ben), server: server.dir }, words: ['snapshot', 'fetch'] };
}

/** Both went on: ours is put on top of theirs, and sent. */
export async function sync(): Promise<Scene> {
  const { ada, others, server } = await people(['ben']);
  await take(ada, 'of ada');
  await ada.ok('snapshot', 'push');
  await take(others.ben, 'of ben');
  return { parts: { ...partsOf(others.ben), server: server.dir }, words: ['snapshot', 'sync'], steps: 'many' };
}
