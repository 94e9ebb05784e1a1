import type { Context } from '../flows/context.ts';
import type { OpenScratch } from '../flows/rehearsal/scratch.ts';
import type { Repository } from '../git/open-repository.ts';
import { beforeExit } from './before-exit.ts';
import type { RehearsalApp } from './rehearsal-app.ts';
import { createContext, rootOf } from './wire-context.ts';
import type { Surroundings } from './wire-files.ts';

/** The part of the app that rehearses. */
export function rehearsalApp(ctx: Context, repository: Repository, around: Surroundings): RehearsalApp {
  return {
    rehearse: async (options) => {
      const { rehearse } = await import('../flows/rehearsal/rehearse.ts');
      const { rehearsalText } = await import('./json/rehearsal.ts');
      return rehearse(ctx, { openScratch: openScratch(ctx, repository, around), textOf: rehearsalText }, options);
    },
  };
}

function openScratch(ctx: Context, repository: Repository, { io, settings }: Surroundings): OpenScratch {
  return async ({ refs, neededBytes }) => {
    const { makeRehearsalPlace } = await import('../workdir/rehearsal/rehearsal-place.ts');
    const { scratchRepository } = await import('../git/scratch/scratch-repository.ts');
    const place = makeRehearsalPlace({ gitDir: repository.gitDir, name: ctx.randomHex(8), neededBytes });
    const forget = beforeExit(place.remove);
    const remove = () => {
      place.remove();
      forget();
    };
    try {
      const made = await scratchRepository({ directory: place.directory, over: repository, refs, env: io.env });
      const own = createContext(io, settings, made);
      const { makeStandIns } = await import('../workdir/rehearsal/stand-ins.ts');
      return {
        ctx: { ...own, trust: scratchTrust(ctx.trust), signer: ctx.signer, identity: ctx.identity, confirm: undefined },
        standIn: (set, excluded) => makeStandIns(rootOf(made, set), excluded),
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

/** What is trusted of the real clone is trusted of its scratch repository; what is met there is remembered for as long as that is there. */
function scratchTrust(real: Context['trust']): Context['trust'] {
  type Remembered = Awaited<ReturnType<Context['trust']['recall']>>;
  type Events = Awaited<ReturnType<Context['trust']['recallEvents']>>;
  const memory = new Map<string, Remembered>();
  const events = new Map<string, Events>();
  const recall = async (id: string) => (memory.has(id) ? memory.get(id) : real.recall(id));
  return {
    read: (id) => real.read(id),
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
