import { ExpectedRefs, refsMadeBy } from '../audit/expected-refs.ts';
import type { LoggedEvent } from '../audit/logged-event.ts';
import type { Oid } from '../oid.ts';
import type { RefUpdate } from '../ports.ts';
import { LOG_REF, MIRROR_REFS, POLICY_REF } from '../refs.ts';
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
 * Part of the log may tell of what was dropped or erased later, and may be gone here: a push ends before that was made, or after
 * it went. Where none can, such refs are left out, as a push that ended halfway would: what the remote has is whole after the last.
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
  const sendable = new Set([...current.values(), ...targetRefs(state).values()]);
  const stageAt = (count: number) => {
    const told = [...targetRefs(prefixOf(state, count))].filter(([name, oid]) => isChain(name) || sendable.has(oid));
    return stageTo(current, withMirrors(current, new Map(told)), count);
  };
  let [least, most] = [sentEvents, state.events.length];
  while (most - least > 1) {
    const middle = Math.floor((least + most) / 2);
    if (fits(stageAt(middle))) least = middle;
    else most = middle;
  }
  if (least === sentEvents) return undefined;
  const isWhole = wholeAfter(state.events, sendable);
  for (let count = least; count > sentEvents; count--) {
    if (!isWhole[count]) continue;
    const stage = stageAt(count);
    if (fits(stage)) return stage;
  }
  return stageAt(least);
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

/** All that these refs ever named is here. */
const isChain = (name: string) => name === LOG_REF || name === POLICY_REF;

/** By a number of events: whether all that the first so many tell of can be sent. */
function wholeAfter(events: readonly LoggedEvent[], sendable: ReadonlySet<Oid>): boolean[] {
  const expected = new ExpectedRefs();
  let gone: { readonly name: string; readonly oid: Oid }[] = [];
  const isWhole = [true];
  for (const logged of events) {
    expected.enter(logged);
    gone.push(...refsMadeBy(logged.event).filter(({ oid }) => !sendable.has(oid)));
    gone = gone.filter(({ name, oid }) => expected.refs.get(name)?.tag === oid);
    isWhole.push(gone.length === 0);
  }
  return isWhole;
}

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
