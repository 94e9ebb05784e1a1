import { SnapshotError } from '../../core/errors.ts';
import type { Oid } from '../../core/oid.ts';
import type { RefUpdate } from '../../core/ports.ts';
import { LOG_REF, MIRROR_REFS, POLICY_REF, PROPOSAL_REFS } from '../../core/refs.ts';
import { movesBetween, targetRefs } from '../../core/share/target-refs.ts';
import type { Context } from '../context.ts';
import type { FinalState } from './plan-exchange.ts';
import type { LocalState } from './read-local.ts';

/** What gives way and is only here stays below a name of its own: nothing of ours is lost. */
export function keepAside(moves: readonly RefUpdate[], below: string, ownTags: ReadonlySet<Oid>): RefUpdate[] {
  return moves.flatMap(({ name, from }): RefUpdate[] => {
    if (from === null || !(ownTags.has(from) || name === LOG_REF || name === POLICY_REF)) return [];
    return [{ name: below + name.slice('refs/'.length), from: null, to: from }];
  });
}

/** What leads from our refs to these. Mirrors and proposals that are not ours to judge stay as they are. */
export function ourMoves(local: LocalState, final: FinalState): RefUpdate[] {
  const target = targetRefs(final);
  const told = new Set<Oid>(
    (local.governed?.log.events ?? []).flatMap(({ event }) => (event.type === 'promotion' ? [event.tag] : [])),
  );
  const stays = (name: string, oid: Oid) =>
    !target.has(name) && (name.startsWith(PROPOSAL_REFS) || (name.startsWith(MIRROR_REFS) && !told.has(oid)));
  const current = new Map([...local.refs].filter(([name, oid]) => !stays(name, oid)));
  return movesBetween(current, target);
}

/** Where nothing was set up, refs may be there that plain git fetched. They must be what the remote has. */
export async function refuseStrangers(ctx: Context, moves: readonly RefUpdate[], { tip }: FinalState): Promise<void> {
  const chain = new Set(await ctx.store.listChain(tip));
  const stranger = moves.find(
    ({ name, from }) => from !== null && !name.startsWith(MIRROR_REFS) && !(name === LOG_REF && chain.has(from)),
  );
  if (stranger === undefined) return;
  throw new SnapshotError('conflict', `'${stranger.name}' is here already, and is not what the remote has`, {
    hint: `Nothing was moved. If it is of no use, remove it with "git update-ref -d ${stranger.name}".`,
  });
}

/** Refs of ours that are gone can be had back only as long as their tags are here. */
export async function refuseLost(ctx: Context, moves: readonly RefUpdate[]): Promise<void> {
  const made = moves.filter(({ from }) => from === null);
  const there = await ctx.store.describeObjects(made.flatMap(({ to }) => to ?? []));
  const lost = made.find(({ to }) => to !== null && !there.has(to));
  if (lost === undefined) return;
  throw new SnapshotError('untrusted', `'${lost.name}' is gone, and so is what it named`, {
    hint: 'Nothing was exchanged. Fetch it from a clone that has it; "git snapshot log --verify" tells of everything that is wrong here.',
  });
}
