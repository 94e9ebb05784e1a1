import type { Scene } from './scene.ts';
import { rehearse, rollBack, rollBackEnvironment, rollBackMany, rollBackReleases, undo } from './scenes/going-back.ts';
import { applyPolicy, erase, hold, prune, pruneMany, release, undelete } from './scenes/keeping.ts';
import { approve, promote, promoteMirrored, resume } from './scenes/promoting.ts';
import { fetch, push, sync } from './scenes/sharing.ts';
import { createChanged, createFirst, createMany, init } from './scenes/taking.ts';

type Scenarios = Readonly<Record<string, () => Promise<Scene>>>;

/** The commands that write, one of each way in which they do. */
export const DISTINCT: Scenarios = {
  init,
  'create, changed': createChanged,
  'create, into a pack': createMany,
  rollback: rollBack,
  'rollback, many files': rollBackMany,
  'rollback, by releases': rollBackReleases,
  rehearse,
  promote,
  prune,
  'prune, many': pruneMany,
  erase,
  'policy apply': applyPolicy,
  push,
  sync,
};

/** Those that write as {@link DISTINCT} do: a tag and its event, a part of what another does, or one after the other. */
const LIKE_THEM: Scenarios = {
  'create, first': createFirst,
  'rollback --undo': undo,
  'rollback --env': rollBackEnvironment,
  'promote, mirrored': promoteMirrored,
  approve,
  resume,
  hold,
  release,
  undelete,
  fetch,
};

/** Every command that writes. */
export const SCENARIOS: Scenarios = { ...DISTINCT, ...LIKE_THEM };
