import { fileURLToPath } from 'node:url';
import { SnapshotError } from '../../core/errors.ts';
import type { Context } from '../../flows/context.ts';
import type { OpenScratch } from '../../flows/rehearsal/scratch.ts';
import type { Repository } from '../../git/open-repository.ts';
import type { RehearsalApp } from '../app/rehearsal-app.ts';
import { beforeExit } from '../before-exit.ts';
import { SNAPSHOT_PROGRAM } from '../package-files.ts';
import { createContext, rootOf } from './context.ts';
import { forgetful, type Surroundings } from './files.ts';

/** The part of the app that rehearses. */
export function rehearsalApp(ctx: Context, repository: Repository, around: Surroundings): RehearsalApp {
  return {
    rehearse: async (options) => {
      const { rehearse } = await import('../../flows/rehearsal/rehearse.ts');
      const { rehearsalText } = await import('../json/rehearsal.ts');
      return rehearse(ctx, { openScratch: openScratch(ctx, repository, around), textOf: rehearsalText }, options);
    },
    rollBackAndDie: async ({ set, snapshot, move }) => {
      if (!isScratch(repository)) throw noScratch();
      let left = move;
      const dying = () => {
        left -= 1;
        if (left === 0) process.kill(process.pid, 'SIGKILL');
      };
      const { rollBack } = await import('../../flows/rollback/roll-back.ts');
      await rollBack(
        { ...ctx, trust: forgetful(ctx).trust, replacer: watchedReplacer(repository, dying) },
        {
          set,
          snapshot,
          steps: undefined,
          action: 'rollback',
          reason: 'Rehearsal',
          paths: [],
          dryRun: false,
          health: 'leave-out',
          confirm: undefined,
        },
      );
    },
  };
}

function openScratch(ctx: Context, repository: Repository, { io, settings }: Surroundings): OpenScratch {
  return async ({ refs, neededBytes, root }) => {
    const { makeRehearsalPlace } = await import('../../workdir/rehearsal/rehearsal-place.ts');
    const { scratchRepository } = await import('../../git/scratch/scratch-repository.ts');
    const place = makeRehearsalPlace({ gitDir: repository.gitDir, name: ctx.randomHex(8), neededBytes });
    const forget = beforeExit(place.remove);
    const remove = () => {
      place.remove();
      forget();
    };
    try {
      const made = await scratchRepository({ directory: place.directory, over: repository, refs, env: io.env });
      const own = createContext(io, settings, made);
      let moves = 0;
      const replacer = watchedReplacer(made, () => {
        moves += 1;
      });
      const { makeStandIns } = await import('../../workdir/rehearsal/stand-ins.ts');
      return {
        ctx: {
          ...own,
          trust: scratchTrust(ctx.trust),
          signer: ctx.signer,
          identity: ctx.identity,
          confirm: undefined,
          replacer,
          hasStandIns: true,
        },
        takeMoves: () => {
          const taken = moves;
          moves = 0;
          return taken;
        },
        killed: ({ set, target, move }) =>
          runKilled(made, ['--set', set.name, '--move', String(move), target.snapshot.id], {
            ...made.place.env,
            ...(root === '' ? {} : { GIT_SNAPSHOT_TRUST_ROOT: root }),
          }),
        standIn: (set, live) => makeStandIns(rootOf(made, set), live),
        close: async () => {
          await own.store.close();
          remove();
        },
      };
    } catch (error) {
      remove();
      throw error;
    }
  };
}

function watchedReplacer(repository: Repository, onMove: () => void): Context['replacer'] {
  return async ({ name, path, releases }) => {
    const { openDirectoryReplacer } = await import('../../workdir/replace/directory-replacer.ts');
    const root = rootOf(repository, { path });
    return openDirectoryReplacer({ set: name, root, gitDir: repository.gitDir, releases, onMove });
  };
}

/** Runs the hidden command that dies. Undefined: it did. */
async function runKilled(
  { place }: Repository,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const { spawn } = process.getBuiltinModule('node:child_process');
  const program = fileURLToPath(SNAPSHOT_PROGRAM);
  const child = spawn(process.execPath, [program, 'rehearse-and-die', ...args], {
    cwd: place.cwd,
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const said: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk));
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve([code, signal]));
  });
  if (signal === 'SIGKILL') return undefined;
  return `the process ended with ${code ?? signal}: ${Buffer.concat(said).toString('utf8').trim().split('\n')[0]}`;
}

/** Whether a repository is one of a rehearsal: whoever else dies in the middle of a rollback wants to be recovered. */
function isScratch({ gitDir }: Repository): boolean {
  return /\/snapshot\/rehearsal\/[0-9a-f]+\/repository\.git$/.test(gitDir);
}

function noScratch(): SnapshotError {
  return new SnapshotError('usage', 'this is no scratch repository of a rehearsal', {
    hint: 'Run "git snapshot rehearse --faults".',
  });
}

/** What is trusted of the real clone is trusted of its scratch repository; what is met there is remembered for as long as that is there. */
function scratchTrust(real: Context['trust']): Context['trust'] {
  type Remembered = Awaited<ReturnType<Context['trust']['recall']>>;
  type Events = Awaited<ReturnType<Context['trust']['recallEvents']>>;
  const memory = new Map<string, Remembered>();
  const events = new Map<string, Events>();
  const recall = async (id: string) => (memory.has(id) ? memory.get(id) : real.recall(id));
  return {
    read: (id) => real.read(id),
    readPin: (id) => real.readPin(id),
    pin: async () => undefined,
    place: undefined,
    recall,
    remember: async (id, news) => {
      const root = await real.read(id);
      if (root === undefined) return;
      const former = await recall(id);
      const kept = former?.root === root ? former : undefined;
      const verified = {
        policy: news.policy !== undefined || kept?.verified.policy === true,
        log: news.log !== undefined || kept?.verified.log === true,
      };
      memory.set(id, { policy: undefined, log: undefined, ...kept, ...news, root, verified });
    },
    recallEvents: async (id) => (events.has(id) ? events.get(id) : real.recallEvents(id)),
    rememberEvents: async (id, verified) => {
      events.set(id, verified);
    },
    forget: async (id) => {
      memory.set(id, undefined);
      events.set(id, undefined);
    },
    repositoryOfClone: () => real.repositoryOfClone(),
  };
}
