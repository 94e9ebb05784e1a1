import type { LogState } from '../../core/audit/judge-event.ts';
import { afterEvent, EMPTY_LOG } from '../../core/audit/judge-event.ts';
import type { Oid } from '../../core/oid.ts';
import type { GovernedState } from './read-local.ts';

/** What is known of a log once it was verified as a whole. */
export interface LogMemory {
  readonly log: LogState;
  readonly policy: { readonly version: number; readonly digest: string };
}

/**
 * What a log that was judged here has come to where another goes a way of its own.
 *
 * @param other - commits of the other
 * @returns undefined where they have nothing in common
 */
export async function commonMemory(
  { log, trusted }: Pick<GovernedState, 'log' | 'trusted'>,
  other: ReadonlySet<Oid>,
): Promise<LogMemory | undefined> {
  const shared = log.events.filter(({ oid }) => other.has(oid));
  if (shared.length === 0) return undefined;
  const state = shared.reduce(afterEvent, EMPTY_LOG);
  const version = (await trusted.timeline()).version(state.version);
  if (version === undefined) throw new Error('the first event brings a policy');
  return { log: state, policy: { version: state.version, digest: version.digest } };
}
