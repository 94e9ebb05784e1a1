import { parseMessage } from '../../core/snapshot/message.ts';
import type { Context } from '../../flows/context.ts';
import type { PromotionApp } from '../app/promotion-app.ts';
import { giveReason } from './give-reason.ts';

const showing = () => import('../../flows/promotion/show-promotions.ts');

/** The part of the app that is about environments and promotions. */
export function promotionApp(ctx: Context): PromotionApp {
  return {
    promote: async ({ message, ...options }) => {
      const { promote } = await import('../../flows/promotion/promote.ts');
      return promote(ctx, { ...options, message: giveReason(message) });
    },
    decide: async ({ message, ...options }) => {
      const { decide } = await import('../../flows/promotion/decide.ts');
      return decide(ctx, { ...options, message: giveReason(message) });
    },
    review: async (options) => (await import('../../flows/promotion/review.ts')).reviewPromotion(ctx, options),
    environments: async (options) => (await showing()).listEnvironments(ctx, options),
    list: async (options) => (await showing()).listPromotions(ctx, options),
    resume: async ({ message, ...options }) => {
      const { resumeEnvironment } = await import('../../flows/promotion/resume-environment.ts');
      return resumeEnvironment(ctx, { ...options, message: giveReason(message) });
    },
    check: async (options) => (await import('../../flows/gates/check-gates.ts')).checkGates(ctx, options),
    rollback: async ({ message, ...options }) => {
      const { rollBackEnvironment } = await import('../../flows/promotion/roll-back-environment.ts');
      return rollBackEnvironment(ctx, {
        ...options,
        message: message === undefined ? undefined : parseMessage(message),
      });
    },
  };
}
