import type { RunnableCommand } from '../handler.ts';

/** A command by its names, and how to get at the rest of it. What commands do, and take, is in `specs/all.ts`. */
export interface Command {
  readonly name: string;
  readonly alias?: string;
  /** Loads what this one command takes and the code that runs it, and nothing of the others. */
  load(): Promise<RunnableCommand>;
}

const ROLLBACK_COMMAND: Command = { name: 'rollback', load: async () => (await import('./rollback.ts')).rollback };

// In the order of COMMAND_SPECS.
const COMMANDS: readonly Command[] = [
  { name: 'create', load: async () => (await import('./create.ts')).create },
  { name: 'status', load: async () => (await import('./status.ts')).status },
  { name: 'list', alias: 'ls', load: async () => (await import('./list.ts')).list },
  { name: 'show', load: async () => (await import('./show.ts')).show },
  { name: 'diff', load: async () => (await import('./diff.ts')).diff },
  { name: 'manifest', load: async () => (await import('./manifest.ts')).manifest },
  { name: 'verify', load: async () => (await import('./verify.ts')).verify },
  { name: 'log', load: async () => (await import('./log.ts')).log },
  { name: 'promote', load: async () => (await import('./promote.ts')).promote },
  { name: 'review', load: async () => (await import('./review.ts')).review },
  { name: 'approve', load: async () => (await import('./decide.ts')).approve },
  { name: 'reject', load: async () => (await import('./decide.ts')).reject },
  { name: 'check', load: async () => (await import('./check.ts')).check },
  { name: 'environments', load: async () => (await import('./environments.ts')).environments },
  { name: 'promotions', load: async () => (await import('./promotions.ts')).promotions },
  { name: 'resume', load: async () => (await import('./resume.ts')).resume },
  { name: 'fetch', load: async () => (await import('./fetch.ts')).fetch },
  { name: 'push', load: async () => (await import('./push.ts')).push },
  { name: 'sync', load: async () => (await import('./sync.ts')).sync },
  { name: 'restore', load: async () => (await import('./restore.ts')).restore },
  ROLLBACK_COMMAND,
  { name: 'rehearse', load: async () => (await import('./rehearse.ts')).rehearse },
  { name: 'export', load: async () => (await import('./export.ts')).exportCommand },
  { name: 'import', load: async () => (await import('./import.ts')).importCommand },
  { name: 'prune', load: async () => (await import('./prune.ts')).prune },
  { name: 'trash', load: async () => (await import('./trash.ts')).trash },
  { name: 'undelete', load: async () => (await import('./trash.ts')).undelete },
  { name: 'hold', load: async () => (await import('./hold.ts')).hold },
  { name: 'release', load: async () => (await import('./hold.ts')).release },
  { name: 'holds', load: async () => (await import('./hold.ts')).holds },
  { name: 'erase', load: async () => (await import('./erase.ts')).erase },
  { name: 'slo', load: async () => (await import('./slo.ts')).slo },
  { name: 'metrics', load: async () => (await import('./metrics.ts')).metrics },
  { name: 'report', load: async () => (await import('./report.ts')).report },
  { name: 'doctor', load: async () => (await import('./doctor.ts')).doctor },
  { name: 'policy', load: async () => (await import('./policy.ts')).policy },
  { name: 'key', load: async () => (await import('./key.ts')).key },
  { name: 'trust', load: async () => (await import('./trust.ts')).trust },
  { name: 'init', load: async () => (await import('./init.ts')).init },
  { name: 'hooks', load: async () => (await import('./hooks.ts')).hooks },
  { name: 'completion', load: async () => (await import('./completion.ts')).completion },
];

/** For scripts of ours. */
const HIDDEN_COMMANDS: readonly Command[] = [
  { name: 'hook', load: async () => (await import('./hook.ts')).hook },
  { name: 'rehearse-and-die', load: async () => (await import('./rehearse.ts')).rehearseAndDie },
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
    fallback: { name: 'create', load: async () => (await import('./create.ts')).create },
  },
  'git-rollback': { name: 'git-rollback', commands: [], fallback: ROLLBACK_COMMAND },
};
