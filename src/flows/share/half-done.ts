import { refsMadeBy } from '../../core/audit/expected-refs.ts';
import { afterEvent, EMPTY_LOG } from '../../core/audit/judge-event.ts';
import type { LoggedEvent } from '../../core/audit/logged-event.ts';
import { escapeText } from '../../core/byte-string.ts';
import type { Oid } from '../../core/oid.ts';
import type { RefUpdate } from '../../core/ports.ts';
import { LOG_REF, mirrorRef, POLICY_REF, PROPOSAL_REFS, RECORDED_REFS } from '../../core/refs.ts';
import type { ToldState } from '../../core/share/target-refs.ts';
import { movesBetween, targetRefs } from '../../core/share/target-refs.ts';
import type { Context } from '../context.ts';
import type { JudgedState } from './judge-state.ts';
import { judgeState } from './judge-state.ts';
import type { LocalState } from './read-local.ts';

/** A push to a remote that ended between two refs. */
export interface HalfDone {
  /** What the remote's log tells of, judged as if its refs were so. */
  readonly judged: Omit<JudgedState, 'findings'>;
  /** What the remote lacks of that and is to get, or has left. */
  readonly moves: readonly RefUpdate[];
}

/**
 * Recognizes a remote on which a push ended halfway: git moves the refs of a transaction one after the other, and a server that
 * dies in between, or cannot write, keeps some of them. Also one of which somebody removed refs: it cannot be told apart.
 *
 * It is one only if our own log, which was judged here, goes as far as the remote's, and every ref there is, or once was,
 * what our log says. So nothing of the remote has to be believed to bring its refs to what the log tells of.
 *
 * What our log tells of no more, as after an erasure, may be gone here. It is judged by its event, as here, and is not sent.
 *
 * @param ctx - recalls what was verified here
 * @returns undefined where anything is there that our log does not tell of, or something of it is not here any more
 */
export async function findHalfDone(
  ctx: Context,
  { local: { governed }, refs }: { readonly local: LocalState; readonly refs: ReadonlyMap<string, Oid> },
): Promise<HalfDone | undefined> {
  const tip = refs.get(LOG_REF);
  const last = governed?.log.events.findIndex(({ oid }) => oid === tip) ?? -1;
  if (governed === undefined || tip === undefined || last < 0) return undefined;
  const isKnown = await knownRefs(ctx, governed);
  if (![...refs].every(isKnown)) return undefined;

  const events = governed.log.events.slice(0, last + 1);
  const { policyCommit } = events.reduce(afterEvent, EMPTY_LOG);
  if (policyCommit === null) return undefined;
  const told = targetRefs(toldState(events, tip, policyCommit));
  const lasting = new Set(targetRefs(toldState(governed.log.events, tip, policyCommit)).values());
  const needed = [...told.values()].filter((oid) => lasting.has(oid));
  const there = await ctx.store.describeObjects(needed);
  if (!needed.every((oid) => there.has(oid))) return undefined;
  const { findings, ...judged } = await judgeState(ctx, { refs: told, known: told, deep: false, remember: false });
  const moves = movesBetween(onlyRecorded(refs), told);
  if (findings.length > 0 || moves.length === 0) return undefined;
  return { judged, moves: moves.filter(({ from, to }) => from !== null || (to !== null && lasting.has(to))) };
}

function toldState(events: readonly LoggedEvent[], tip: Oid, policyCommit: Oid): ToldState {
  return { events, tip, policyCommit, mirrors: false, proposals: new Map() };
}

/** Whether a ref is at what our log or policy ever said of it. Anybody may propose a policy. */
async function knownRefs(
  { store }: Pick<Context, 'store'>,
  { log, trusted }: NonNullable<LocalState['governed']>,
): Promise<(ref: readonly [name: string, oid: Oid]) => boolean> {
  const told = new Set(
    log.events.flatMap(({ event }) => [
      ...refsMadeBy(event).map(({ name, oid }) => `${name} ${oid}`),
      ...(event.type === 'promotion' ? [`${mirrorRef(event)} ${event.tag}`] : []),
    ]),
  );
  const policies = new Set(await store.listChain(trusted.commit));
  return ([name, oid]) => {
    if (name === POLICY_REF) return policies.has(oid);
    return name === LOG_REF || name.startsWith(PROPOSAL_REFS) || told.has(`${name} ${oid}`);
  };
}

const isRecorded = (name: string) => RECORDED_REFS.some((prefix) => name.startsWith(prefix));

function onlyRecorded(refs: ReadonlyMap<string, Oid>): Map<string, Oid> {
  return new Map([...refs].filter(([name]) => name === LOG_REF || name === POLICY_REF || isRecorded(name)));
}

const MAX_SHOWN = 20;

/** What is wrong with the refs of a remote whose push ended halfway: a line each, bounded. */
export function describeHalfDone({ moves }: Pick<HalfDone, 'moves'>): string[] {
  const lines = moves.slice(0, MAX_SHOWN).map(({ name, from, to }) => {
    const shown = `'${escapeText(name)}'`;
    if (from === null) return `${shown} is not there`;
    return to === null ? `${shown} is still there, at ${from}` : `${shown} is at ${from}, and not at ${to}`;
  });
  return moves.length > MAX_SHOWN ? [...lines, `and ${moves.length - MAX_SHOWN} more refs`] : lines;
}
