import type { CommandSpec } from '../spec.ts';
import { STATUS, VERIFY } from './checking.ts';
import { EXPORT, IMPORT } from './exchange.ts';
import { RESTORE, ROLLBACK } from './going-back.ts';
import { HOOKS } from './hooks.ts';
import { ERASE, HOLD, HOLDS, RELEASE, TRASH, UNDELETE } from './keeping.ts';
import { KEY } from './key.ts';
import { LIST } from './list.ts';
import { LOG } from './log.ts';
import { POLICY, TRUST } from './policy.ts';
import { APPROVE, CHECK, ENVIRONMENTS, PROMOTE, PROMOTIONS, REJECT, RESUME } from './promoting.ts';
import { DIFF, MANIFEST, SHOW } from './reading.ts';
import { REHEARSE } from './rehearsing.ts';
import { PRUNE } from './retention.ts';
import { REVIEW } from './review.ts';
import { FETCH, PUSH, SYNC } from './share.ts';
import { COMPLETION, CREATE, INIT } from './taking.ts';
import { DOCTOR, METRICS, REPORT, SLO } from './watching.ts';

/** What every command of `git snapshot` takes, but for those that scripts of ours use, in the order in which help lists them. */
export const COMMAND_SPECS: readonly CommandSpec[] = [
  CREATE,
  STATUS,
  LIST,
  SHOW,
  DIFF,
  MANIFEST,
  VERIFY,
  LOG,
  PROMOTE,
  REVIEW,
  APPROVE,
  REJECT,
  CHECK,
  ENVIRONMENTS,
  PROMOTIONS,
  RESUME,
  FETCH,
  PUSH,
  SYNC,
  RESTORE,
  ROLLBACK,
  REHEARSE,
  EXPORT,
  IMPORT,
  PRUNE,
  TRASH,
  UNDELETE,
  HOLD,
  RELEASE,
  HOLDS,
  ERASE,
  SLO,
  METRICS,
  REPORT,
  DOCTOR,
  POLICY,
  KEY,
  TRUST,
  INIT,
  HOOKS,
  COMPLETION,
];
