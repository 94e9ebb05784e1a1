import { escapeText } from '../../core/byte-string.ts';
import { SnapshotError } from '../../core/errors.ts';
import { POLICY_REF } from '../../core/refs.ts';
import type { Context } from '../context.ts';
import { chooseRemote } from '../share/choose-remote.ts';

/** Who waits longer would rather be told that nobody was asked. */
const MAX_ANSWER_MS = 5000;

/**
 * Asks the usual remote whether it has a policy already: a second one beside it could never be exchanged with it. A remote that
 * cannot be asked, as where there is no network, is noted and is in nobody's way; where there is none, nobody is asked.
 *
 * @throws {SnapshotError} of kind `conflict` if it has one
 */
export async function refuseRival(ctx: Pick<Context, 'remotes' | 'followedRemote' | 'transport' | 'note' | 'digest'>) {
  const name = await usualRemote(ctx);
  if (name === undefined || !(await hasPolicy(ctx, name))) return;
  const shown = escapeText(name);
  throw new SnapshotError('conflict', `'${shown}' has a snapshot policy already, which another one here would rival`, {
    hint: `Take it with "git snapshot fetch ${shown}". If this is to be a repository of its own, remove that remote before.`,
  });
}

/** Undefined where there is none, or several of which none is the usual one. */
async function usualRemote(ctx: Parameters<typeof refuseRival>[0]): Promise<string | undefined> {
  try {
    return (await chooseRemote(ctx, undefined)).name;
  } catch (error) {
    if (!(error instanceof SnapshotError)) throw error;
    return undefined;
  }
}

async function hasPolicy(ctx: Pick<Context, 'transport' | 'note'>, name: string): Promise<boolean> {
  try {
    const transport = await ctx.transport();
    return (await transport.listRemoteRefs(name, [POLICY_REF], { unattendedMs: MAX_ANSWER_MS })).length > 0;
  } catch (error) {
    if (!(error instanceof SnapshotError)) throw error;
    ctx.note(`warning: it is not known whether '${escapeText(name)}' has a snapshot policy already: ${error.message}`);
    return false;
  }
}
