import { people } from '../../flows/share/clones.ts';
import { partsOf, type Scene } from '../scene.ts';
import { change, fill } from './contents.ts';
import { ada } from './taking.ts';

export async function promote(): Promise<Scene> {
  const one = await ada((policy) => {
    Object.assign(policy, { environments: { production: {} } });
  });
  fill(one.root);
  const { id } = await one.take('-m', 'first');
  return {
    parts: partsOf(one),
    words: ['snapshot', 'promote', id, 'production', '-m', 'go', '--yes'],
    whenDone: [5],
  };
}

/** The same tag under a name that hosts know, too. */
export async function promoteMirrored(): Promise<Scene> {
  const one = await ada((policy) => {
    Object.assign(policy, { environments: { production: {} }, mirrorTags: true });
  });
  fill(one.root);
  const { id } = await one.take('-m', 'first');
  return {
    parts: partsOf(one),
    words: ['snapshot', 'promote', id, 'production', '-m', 'go', '--yes'],
    whenDone: [5],
  };
}

export async function approve(): Promise<Scene> {
  const { ada: promoter, others } = await people(['ben'], {
    change: (policy) => {
      Object.assign(policy, { environments: { production: { approvals: { count: 1 } } } });
    },
  });
  fill(promoter.root);
  const { id } = await promoter.take('-m', 'first');
  await promoter.ok('snapshot', 'promote', id, 'production', '-m', 'go', '--yes');
  await promoter.ok('snapshot', 'push');
  await others.ben.ok('snapshot', 'fetch');
  others.ben.git('remote', 'remove', 'origin');
  return {
    parts: partsOf(others.ben),
    words: ['snapshot', 'approve', 'production', '-m', 'looked at it', '--yes'],
    whenDone: [4, 5],
  };
}

/** An environment that is on hold after a rollback. */
export async function resume(): Promise<Scene> {
  const one = await ada((policy) => {
    Object.assign(policy, { environments: { production: { rollback: { hold: true } } } });
  });
  for (const turn of [fill, change]) {
    turn(one.root);
    const { id } = await one.take('-m', turn.name);
    await one.ok('snapshot', 'promote', id, 'production', '-m', 'go', '--yes');
  }
  await one.ok('rollback', '--env', 'production', '--yes', '-m', 'why');
  return {
    parts: partsOf(one),
    words: ['snapshot', 'resume', 'production', '-m', 'mended', '--yes'],
    whenDone: [4],
  };
}
