import { escapeText, utf8Encode } from '../../core/byte-string.ts';
import { SnapshotError } from '../../core/errors.ts';
import { TrackingSpace } from '../../core/share/tracking.ts';
import type { Context } from '../context.ts';

/** A remote, and where its refs are kept. */
export interface RemoteChoice {
  /** As git is told: a name, or a URL. */
  readonly name: string;
  readonly space: TrackingSpace;
}

type Choosing = Pick<Context, 'remotes' | 'followedRemote' | 'digest'>;

/**
 * The remote that is meant: the one named, else the one that the branch follows, else `origin`, else the only one.
 *
 * @throws {SnapshotError} of kind `config` where there is none, `usage` where it cannot be told
 */
export async function chooseRemote(ctx: Choosing, named: string | undefined): Promise<RemoteChoice> {
  const names = (await ctx.remotes()).map((remote) => remote.name);
  const name = named ?? (await usualRemote(ctx, names));
  if (name === '' || name.startsWith('-'))
    throw new SnapshotError('usage', `'${escapeText(name)}' is not the name of a remote`);
  const space = names.includes(name) ? name : `url-${ctx.digest.sha256(utf8Encode(name)).slice(0, 16)}`;
  return { name, space: new TrackingSpace(space) };
}

async function usualRemote(ctx: Choosing, names: readonly string[]): Promise<string> {
  const followed = await ctx.followedRemote();
  if (followed !== undefined && names.includes(followed)) return followed;
  if (names.includes('origin')) return 'origin';
  const [only, ...others] = names;
  if (only !== undefined && others.length === 0) return only;
  if (only === undefined) {
    throw new SnapshotError('config', 'this repository has no remote', {
      hint: 'Add one with "git remote add origin URL", or name a URL.',
    });
  }
  throw new SnapshotError('usage', 'this repository has several remotes', { hint: `Name one: ${names.join(', ')}.` });
}
