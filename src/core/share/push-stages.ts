import type { Oid } from '../oid.ts';
import type { RefUpdate } from '../ports.ts';
import { LOG_REF, MIRROR_REFS } from '../refs.ts';
import type { ToldState } from './target-refs.ts';
import { movesBetween, targetRefs } from './target-refs.ts';
import type { RemoteRefUpdate } from './transport.ts';
import { pushGroups } from './transport.ts';

/** One push, and what the remote has after it. */
export interface PushStage {
  readonly updates: readonly RemoteRefUpdate[];
  readonly after: ReadonlyMap<string, Oid>;
  /** How many events it has then. */
  readonly sentEvents: number;
}

/**
 * The next push that brings a remote nearer to a state: all of it where that fits into one push; else as much of the log as does,
 * with the refs that it tells of, so that what the remote has is whole after each.
 *
 * @returns undefined where not even one event more fits, or where nothing is to be pushed
 */
export function nextStage(
  current: ReadonlyMap<string, Oid>,
  state: ToldState,
  { sentEvents }: { /** How many events the remote has. */ readonly sentEvents: number },
): PushStage | undefined {
  const whole = stageTo(current, targetRefs(state), state.events.length);
  if (whole.updates.length === 0) return undefined;
  if (fits(whole)) return whole;
  let [least, most] = [sentEvents, state.events.length];
  let best: PushStage | undefined;
  while (most - least > 1) {
    const middle = Math.floor((least + most) / 2);
    const stage = stageTo(current, withMirrors(current, targetRefs(prefixOf(state, middle))), middle);
    if (fits(stage)) {
      best = stage;
      least = middle;
    } else most = middle;
  }
  return best;
}

function stageTo(current: ReadonlyMap<string, Oid>, target: ReadonlyMap<string, Oid>, sentEvents: number): PushStage {
  const moves = movesBetween(current, target);
  const updates = [...moves.filter(isLog), ...moves.filter((move) => !isLog(move))].map(asRemote);
  return { updates, after: target, sentEvents };
}

/**
 * Git checks all refs of a transaction, then moves one after the other: those that are there, by name, then new ones as they
 * came. The log is first: if the other side dies in between, what it has tells of all that it lacks.
 */
const isLog = ({ name }: RefUpdate) => name === LOG_REF;

/** Whether a promotion has a second name is for the last policy to say: until then mirrors stay as they are. */
function withMirrors(current: ReadonlyMap<string, Oid>, target: Map<string, Oid>): Map<string, Oid> {
  for (const [name, oid] of current) if (name.startsWith(MIRROR_REFS)) target.set(name, oid);
  return target;
}

function asRemote({ name, from, to }: RefUpdate): RemoteRefUpdate {
  return { ref: name, to, expected: from };
}

function fits({ updates }: PushStage): boolean {
  return pushGroups(updates).length <= 1;
}

/** The state after its first events, without proposals. */
function prefixOf(state: ToldState, count: number): ToldState {
  const events = state.events.slice(0, count);
  const policies = events.flatMap(({ event }) => (event.type === 'policy' ? [event.commit] : []));
  return {
    events,
    tip: events.at(-1)?.oid ?? state.tip,
    policyCommit: policies.at(-1) ?? state.policyCommit,
    mirrors: false,
    proposals: new Map(),
  };
}
