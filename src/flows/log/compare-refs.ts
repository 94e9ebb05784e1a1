import type { LoggedEvent } from '../../core/audit/logged-event.ts';
import type { Ref } from '../../core/ports.ts';
import { APPROVAL_REFS, PROMOTION_REFS, SNAPSHOT_REFS } from '../../core/refs.ts';
import type { Finding } from '../../core/trust/finding.ts';
import type { Context } from '../context.ts';
import { expectedRefs } from './expected-refs.ts';

const GOVERNED = [SNAPSHOT_REFS, PROMOTION_REFS, APPROVAL_REFS];

/**
 * Holds the governed refs against the log: every ref must have the event that made it, and every event must have its ref.
 *
 * @param events - read before the refs are: a ref comes together with its event, so one that is newer than the log read here is passed over
 */
export async function compareRefs(
  ctx: Pick<Context, 'store'>,
  { events, isCurrent }: { events: readonly LoggedEvent[]; isCurrent: () => Promise<boolean> },
): Promise<Finding[]> {
  const refs: Ref[] = [];
  for (const prefix of GOVERNED) refs.push(...(await ctx.store.listRefs(prefix)));
  const expected = expectedRefs(events);
  const there = new Map(refs.map(({ name, oid }) => [name, oid]));
  const findings: Finding[] = [];
  const perhapsNewer = refs.filter(({ name }) => !expected.has(name)).map(withoutEvent);
  for (const [name, { tag, logged }] of expected) {
    const found = there.get(name);
    if (found === tag) continue;
    const what = `event ${logged.event.seq} tells of '${name}' at ${tag}`;
    if (found === undefined) findings.push({ rule: 'ref', object: logged.oid, detail: `${what}, and its ref is gone` });
    // Whoever says something else of a promotion moves their ref.
    else (logged.event.type === 'approval' ? perhapsNewer : findings).push(moved(what, found));
  }
  // What appeared while we read is no finding: the log has moved with it.
  if (perhapsNewer.length > 0 && (await isCurrent())) findings.push(...perhapsNewer);
  return findings;
}

function moved(what: string, found: Ref['oid']): Finding {
  return { rule: 'ref', object: found, detail: `${what}, and it is at ${found}` };
}

function withoutEvent({ name, oid }: Ref): Finding {
  return { rule: 'ref', object: oid, detail: `'${name}' has no event in the log` };
}
