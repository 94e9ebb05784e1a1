import type { Context } from '../../flows/context.ts';
import type { ShareApp } from '../app/share-app.ts';

const exchanging = () => import('../../flows/share/exchange.ts');

/** The part of the app that exchanges with remotes. */
export function shareApp(ctx: Context): ShareApp {
  return {
    fetch: async (options) => (await exchanging()).exchange(ctx, { ...options, send: false }),
    push: async (options) => (await exchanging()).exchange(ctx, { ...options, send: true }),
  };
}
