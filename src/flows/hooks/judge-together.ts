import type { ExpectedRef } from '../../core/audit/expected-refs.ts';
import type { LoggedEvent } from '../../core/audit/logged-event.ts';
import type { Oid } from '../../core/oid.ts';
import { LOG_REF, MIRROR_REFS, POLICY_REF } from '../../core/refs.ts';
import type { PushedUpdate } from '../../core/share/hook-input.ts';
import type { RefusedChange } from '../../core/share/hook-verdict.ts';
import { replaceLogByHand } from '../../core/share/push-by-hand.ts';
import type { Log } from '../log/open-log.ts';

/** The repository that is pushed from, which was judged and found good. */
interface Sender {
  readonly log: Pick<Log, 'events'>;
  readonly expected: ReadonlyMap<string, ExpectedRef>;
  /** All commits of the log, oldest first. */
  readonly chain: readonly Oid[];
  /** The remote, as git knows it. */
  readonly remote: string;
  readonly remoteRefs: () => Promise<ReadonlyMap<string, Oid>>;
}

/** Events that take refs away: only a push that knows what the remote has can do as they say. */
const TAKES_AWAY: ReadonlySet<string> = new Set(['prune', 'undelete', 'release', 'erase']);

/**
 * Judges whether refs and log go together: a remote that has the one without the other would have a broken repository. Git
 * does not tell a hook of refs that the remote has already, so the remote is asked where something seems to be missing.
 */
export async function judgeTogether(
  updates: readonly PushedUpdate[],
  { log, expected, chain, remote, remoteRefs }: Sender,
): Promise<RefusedChange[]> {
  const pushed = new Map(updates.map(({ remoteRef, localOid }) => [remoteRef, localOid]));
  const logUpdate = updates.find(({ remoteRef }) => remoteRef === LOG_REF);
  const remoteLog = logUpdate === undefined ? ((await remoteRefs()).get(LOG_REF) ?? null) : logUpdate.remoteOid;
  const known = remoteLog === null ? 0 : chain.indexOf(remoteLog) + 1;
  if (remoteLog !== null && known === 0) {
    const hint = `Run "git snapshot fetch": it takes them, or says what is wrong with them. If they are not to be believed, and you mean to put your log in their place: ${replaceLogByHand(remote)}`;
    return [{ ref: LOG_REF, reason: 'there has events that this clone lacks', hint }];
  }
  const isNew = newEvents(chain.slice(known));
  if (logUpdate === undefined) {
    return updates.flatMap(({ remoteRef }): RefusedChange[] =>
      tellsOf(remoteRef, log.events, expected).some(isNew)
        ? [{ ref: remoteRef, reason: `is pushed without '${LOG_REF}', which tells of it` }]
        : [],
    );
  }
  const [gone] = log.events.filter((logged) => isNew(logged) && TAKES_AWAY.has(logged.event.type));
  if (gone !== undefined) {
    const reason = `tells in event ${gone.event.seq} of refs that went, and they have to go there, too`;
    return [{ ref: LOG_REF, reason }];
  }
  const needed = [...expected]
    .filter(([, { logged }]) => isNew(logged))
    .map(([ref, { tag, logged }]) => ({ ref, to: tag, seq: logged.event.seq }));
  const policy = log.events.findLast(({ event }) => event.type === 'policy');
  if (policy?.event.type === 'policy' && isNew(policy))
    needed.push({ ref: POLICY_REF, to: policy.event.commit, seq: policy.event.seq });
  const missing = needed.filter(({ ref }) => !pushed.has(ref));
  if (missing.length === 0) return [];
  const there = await remoteRefs();
  return missing
    .filter(({ ref, to }) => there.get(ref) !== to)
    .map(({ ref, seq }) => ({ ref, reason: `is not pushed, and event ${seq} of the log, which is, tells of it` }));
}

function newEvents(commits: readonly Oid[]): (logged: Pick<LoggedEvent, 'oid'>) => boolean {
  const news = new Set(commits);
  return ({ oid }) => news.has(oid);
}

/** The event that made a ref what it is. A promotion's second name goes with the first. */
function tellsOf(
  ref: string,
  events: readonly LoggedEvent[],
  expected: ReadonlyMap<string, ExpectedRef>,
): readonly LoggedEvent[] {
  if (ref === POLICY_REF) return events.filter(({ event }) => event.type === 'policy').slice(-1);
  const name = ref.startsWith(MIRROR_REFS) ? ref.replace(MIRROR_REFS, 'refs/promotions/') : ref;
  const told = expected.get(name)?.logged;
  return told === undefined ? [] : [told];
}
