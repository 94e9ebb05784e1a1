import { once } from '../../core/once.ts';
import { GOVERNED_REFS } from '../../core/refs.ts';
import type { Context } from '../../flows/context.ts';
import type { Repository } from '../../git/open-repository.ts';
import type { HooksApp } from '../app/hooks-app.ts';
import { HOOK_SCRIPTS } from '../package-files.ts';
import { VERSION } from '../version.ts';

const installing = () => import('../../flows/hooks/install-hooks.ts');

/** The part of the app that is about git's hooks. */
export function hooksApp(ctx: Context, repository: Repository): HooksApp {
  const installer = once(async () => {
    const { openHookInstaller } = await import('../../git/hooks/hook-installer.ts');
    return openHookInstaller(repository, { scripts: HOOK_SCRIPTS, version: VERSION });
  });
  /** What a server still has to be told; undefined where it is none. */
  const untoldOn = async ({ server, names }: Parameters<HooksApp['status']>[0]) => {
    const isServer = server || (await installer()).isBare || names.includes('pre-receive');
    return isServer ? (await import('../../flows/hooks/untold-trust.ts')).untoldTrust(ctx) : undefined;
  };
  return {
    install: async ({ trustRoot, ...options }) => {
      const { prepareRepository } = await import('../../flows/hooks/prepare-repository.ts');
      await prepareRepository(ctx, trustRoot, {
        setProtecting: async (on) => (await installer()).setProtecting(on),
      });
      const change = await (await installing()).installHooks(await installer(), options);
      // Hooks that were there already change in nothing else that could be seen.
      if (trustRoot !== undefined) ctx.note(`trusted here: ${trustRoot}`);
      const untold = await untoldOn(options);
      if (untold !== undefined) ctx.advise(untold);
      return change;
    },
    uninstall: async (options) => (await installing()).uninstallHooks(await installer(), options),
    status: async (options) => {
      const status = await (await installing()).hooksStatus(await installer(), options);
      const untold = status.ok ? await untoldOn(options) : undefined;
      return untold === undefined ? status : { ...status, ok: false, hint: untold };
    },
    preReceive: async (push) => {
      const { preReceive } = await import('../../flows/hooks/pre-receive.ts');
      return preReceive(ctx, push, { setProtecting: async (on) => (await installer()).setProtecting(on) });
    },
    prePush: async (push) => {
      const { prePush } = await import('../../flows/hooks/pre-push.ts');
      return prePush(ctx, push, {
        setProtecting: async (on) => (await installer()).setProtecting(on),
        remoteRefs: async () => {
          const refs = await (await ctx.transport()).listRemoteRefs(push.url, GOVERNED_REFS);
          return new Map(refs.map(({ name, oid }) => [name, oid]));
        },
      });
    },
    referenceTransaction: async (transaction) => {
      const { isPackedCopy } = await import('../../git/hooks/packed-copy.ts');
      const isPacked = async (copy: { ref: string; oid: string }) => isPackedCopy(repository, copy);
      // Where others push to, what they push comes as a transaction, too. Some hosts run hooks of theirs, which run ours.
      const { isBare, status } = await installer();
      if (isBare || (await status('pre-receive')).ours !== undefined) {
        const { guardServerRefs } = await import('../../flows/hooks/pre-receive.ts');
        return guardServerRefs(ctx, transaction, isPacked);
      }
      const { guardRefs } = await import('../../flows/hooks/guard-refs.ts');
      return guardRefs({ store: ctx.store, isPackedCopy: isPacked }, transaction);
    },
  };
}
