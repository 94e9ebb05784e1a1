import type { Scene } from './scene.ts';
import { rehearse, rollBack, rollBackEnvironment, rollBackMany, rollBackReleases, undo } from './scenes/going-back.ts';
import { applyPolicy, erase, hold, prune, release, undelete } from './scenes/keeping.ts';
import { approve, promote, promoteMirrored, resume } from './scenes/promoting.ts';
import { fetch, push, sync } from './scenes/sharing.ts';
import { createChanged, createFirst, createMany, init } from './scenes/taking.ts';

/** Every command that writes, in each of the ways in which it does. */
export const SCENARIOS: Readonly<Record<string, () => Promise<Scene>>> = {
  init,
  'create, first': createFirst,
  'create, changed': createChanged,
  'create, into a pack': createMany,
  rollback: rollBack,
  'rollback, many files': rollBackMany,
  'rollback --undo': undo,
  'rollback --env': rollBackEnvironment,
  'rollback, by releases': rollBackReleases,
  rehearse,
  promote,
  'promote, mirrored': promoteMirrored,
  approve,
  resume,
  hold,
  release,
  prune,
  undelete,
  erase,
  'policy apply': applyPolicy,
  push,
  fetch,
  sync,
};
