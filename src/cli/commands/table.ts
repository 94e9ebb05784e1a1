import type { Handler } from '../handler.ts';
import type { CommandSpec } from '../spec.ts';
import { STATUS, VERIFY } from '../specs/checking.ts';
import { EXPORT, IMPORT } from '../specs/exchange.ts';
import { RESTORE, ROLLBACK } from '../specs/going-back.ts';
import { HOOK, HOOKS } from '../specs/hooks.ts';
import { ERASE, HOLD, HOLDS, RELEASE, TRASH, UNDELETE } from '../specs/keeping.ts';
import { KEY } from '../specs/key.ts';
import { LOG } from '../specs/log.ts';
import { POLICY, TRUST } from '../specs/policy.ts';
import { APPROVE, CHECK, ENVIRONMENTS, PROMOTE, PROMOTIONS, REJECT, RESUME } from '../specs/promoting.ts';
import { DIFF, LIST, MANIFEST, SHOW } from '../specs/reading.ts';
import { REHEARSE, REHEARSE_AND_DIE } from '../specs/rehearsing.ts';
import { PRUNE } from '../specs/retention.ts';
import { REVIEW } from '../specs/review.ts';
import { FETCH, PUSH, SYNC } from '../specs/share.ts';
import { COMPLETION, CREATE, INIT } from '../specs/taking.ts';
import { DOCTOR, METRICS, REPORT, SLO } from '../specs/watching.ts';

/** A command, and how to get at the code that runs it. */
export interface Command {
  readonly spec: CommandSpec;
  /** Loads that one handler and nothing of the others. */
  load(): Promise<Handler>;
}

const ROLLBACK_COMMAND: Command = { spec: ROLLBACK, load: async () => (await import('./rollback.ts')).rollback };

/** Every command of `git snapshot`, in the order in which help lists them. */
export const COMMANDS: readonly Command[] = [
  { spec: CREATE, load: async () => (await import('./create.ts')).create },
  { spec: STATUS, load: async () => (await import('./status.ts')).status },
  { spec: LIST, load: async () => (await import('./list.ts')).list },
  { spec: SHOW, load: async () => (await import('./show.ts')).show },
  { spec: DIFF, load: async () => (await import('./diff.ts')).diff },
  { spec: MANIFEST, load: async () => (await import('./manifest.ts')).manifest },
  { spec: VERIFY, load: async () => (await import('./verify.ts')).verify },
  { spec: LOG, load: async () => (await import('./log.ts')).log },
  { spec: PROMOTE, load: async () => (await import('./promote.ts')).promote },
  { spec: REVIEW, load: async () => (await import('./review.ts')).review },
  { spec: APPROVE, load: async () => (await import('./decide.ts')).approve },
  { spec: REJECT, load: async () => (await import('./decide.ts')).reject },
  { spec: CHECK, load: async () => (await import('./check.ts')).check },
  { spec: ENVIRONMENTS, load: async () => (await import('./environments.ts')).environments },
  { spec: PROMOTIONS, load: async () => (await import('./promotions.ts')).promotions },
  { spec: RESUME, load: async () => (await import('./resume.ts')).resume },
  { spec: FETCH, load: async () => (await import('./fetch.ts')).fetch },
  { spec: PUSH, load: async () => (await import('./push.ts')).push },
  { spec: SYNC, load: async () => (await import('./sync.ts')).sync },
  { spec: RESTORE, load: async () => (await import('./restore.ts')).restore },
  ROLLBACK_COMMAND,
  { spec: REHEARSE, load: async () => (await import('./rehearse.ts')).rehearse },
  { spec: EXPORT, load: async () => (await import('./export.ts')).exportCommand },
  { spec: IMPORT, load: async () => (await import('./import.ts')).importCommand },
  { spec: PRUNE, load: async () => (await import('./prune.ts')).prune },
  { spec: TRASH, load: async () => (await import('./trash.ts')).trash },
  { spec: UNDELETE, load: async () => (await import('./trash.ts')).undelete },
  { spec: HOLD, load: async () => (await import('./hold.ts')).hold },
  { spec: RELEASE, load: async () => (await import('./hold.ts')).release },
  { spec: HOLDS, load: async () => (await import('./hold.ts')).holds },
  { spec: ERASE, load: async () => (await import('./erase.ts')).erase },
  { spec: SLO, load: async () => (await import('./slo.ts')).slo },
  { spec: METRICS, load: async () => (await import('./metrics.ts')).metrics },
  { spec: REPORT, load: async () => (await import('./report.ts')).report },
  { spec: DOCTOR, load: async () => (await import('./doctor.ts')).doctor },
  { spec: POLICY, load: async () => (await import('./policy.ts')).policy },
  { spec: KEY, load: async () => (await import('./key.ts')).key },
  { spec: TRUST, load: async () => (await import('./trust.ts')).trust },
  { spec: INIT, load: async () => (await import('./init.ts')).init },
  { spec: HOOKS, load: async () => (await import('./hooks.ts')).hooks },
  { spec: COMPLETION, load: async () => (await import('./completion.ts')).completion },
];

/** For scripts of ours. */
const HIDDEN_COMMANDS: readonly Command[] = [
  { spec: HOOK, load: async () => (await import('./hook.ts')).hook },
  { spec: REHEARSE_AND_DIE, load: async () => (await import('./rehearse.ts')).rehearseAndDie },
];

/** A program on the PATH. */
export interface Program {
  readonly name: ProgramName;
  /** Empty: it is one command, and its first word is an argument. */
  readonly commands: readonly Command[];
  /** What runs where no command is named. */
  readonly fallback: Command;
}

export type ProgramName = 'git-snapshot' | 'git-rollback';

/** The programs. */
export const PROGRAMS: Readonly<Record<ProgramName, Program>> = {
  'git-snapshot': {
    name: 'git-snapshot',
    commands: [...COMMANDS, ...HIDDEN_COMMANDS],
    fallback: { spec: CREATE, load: async () => (await import('./create.ts')).create },
  },
  'git-rollback': { name: 'git-rollback', commands: [], fallback: ROLLBACK_COMMAND },
};
