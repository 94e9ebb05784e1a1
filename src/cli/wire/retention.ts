import { parseMessage } from '../../core/snapshot/message.ts';
import type { Context } from '../../flows/context.ts';
import { nodeDigest } from '../../git/digest.ts';
import type { RetentionApp, SimulatePrune } from '../app/retention-app.ts';
import { giveReason } from './give-reason.ts';

const holding = () => import('../../flows/retention/hold.ts');

/** The part of the app that is about what is kept. */
export function retentionApp(ctx: Context): RetentionApp {
  return {
    plan: async ({ set, rules }) => {
      const { openRetention } = await import('../../flows/retention/scene.ts');
      const { planPrune } = await import('../../flows/retention/plan-prune.ts');
      return planPrune(await openRetention(ctx, set), { rules });
    },
    freedBytes: async (plan) => {
      const { openRetention } = await import('../../flows/retention/scene.ts');
      const { freedBytes } = await import('../../flows/retention/plan-prune.ts');
      return freedBytes(await openRetention(ctx, plan.set), plan);
    },
    apply: async (options) => (await import('../../flows/retention/apply-prune.ts')).applyPrune(ctx, options),
    pruneAfterCreate: async (options) =>
      (await import('../../flows/retention/prune-after-create.ts')).pruneAfterCreate(ctx, options),
    hold: async ({ message, ...options }) =>
      (await holding()).holdSnapshot(ctx, { ...options, message: giveReason(message) }),
    release: async ({ message, ...options }) =>
      (await holding()).releaseHold(ctx, { ...options, message: giveReason(message) }),
    holds: async (options) => (await holding()).listHolds(ctx, options),
    trash: async (set) => (await import('../../flows/retention/trash.ts')).listTrash(ctx, set),
    undelete: async ({ message, ...options }) => {
      const reason = message === undefined ? undefined : parseMessage(message).subject;
      return (await import('../../flows/retention/trash.ts')).undelete(ctx, { ...options, reason });
    },
    erase: async ({ message, ...options }) =>
      (await import('../../flows/retention/erase.ts')).erase(ctx, { ...options, message: giveReason(message) }),
    purge: async (set) => (await import('../../flows/retention/purge-erased.ts')).purgeAllErased(ctx, set),
  };
}

/** Opens nothing. */
export const simulatePrune: SimulatePrune = async (options) => {
  const { simulatePrune: simulate } = await import('../../flows/retention/simulate-prune.ts');
  return simulate({ digest: nodeDigest }, options);
};
